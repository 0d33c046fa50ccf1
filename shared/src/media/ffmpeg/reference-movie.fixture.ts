/** Boxes that lie one in the other, from the file down to the list of the files that hold the media. */
const PATH_TO_REFERENCES = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref'];

/**
 * An MP4 whose description says that its media lies in another file, as QuickTime's reference movies do.
 * @param whole an MP4 with its description in front; what is left of it is the description
 * @param mediaFile absolute path of the file with the media, at the places where `whole` has it
 */
export function referenceMovie(whole: Buffer, mediaFile: string): Buffer {
  const boxes: { at: number; end: number }[] = [{ at: 0, end: whole.length }];
  for (const type of PATH_TO_REFERENCES) {
    const { at, end } = boxes.at(-1)!;
    boxes.push(findBox(whole, type, boxes.length === 1 ? at : at + 8, end));
  }
  const description = boxes[1]!;
  const references = boxes.at(-1)!;
  const made = Buffer.concat([
    // The box's header, and the number of references: there is one.
    whole.subarray(0, references.at + 16),
    aliasOf(mediaFile),
    whole.subarray(references.end, description.end),
  ]);
  const grownBy = made.length - description.end;
  for (const { at, end } of boxes.slice(1)) made.writeUInt32BE(end - at + grownBy, at);
  return made;
}

function findBox(bytes: Buffer, type: string, from: number, to: number) {
  for (let at = from; at < to; at += bytes.readUInt32BE(at)) {
    const end = at + bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === type) return { at, end };
  }
  throw new Error(`There is no ${type} box.`);
}

/** Of an alias record: the box's own fields, then volume, file name and what else FFmpeg skips. */
const ALIAS_HEAD_BYTES = 12 + 10 + 28 + 12 + 64 + 16 + 4 + 16;
const LEVELS_AT = 142;
const ABSOLUTE_PATH = 2;
const END = 0xffff;

/** A Macintosh alias record with an absolute path, as FFmpeg reads it. */
function aliasOf(file: string): Buffer {
  const path = Buffer.from(file.length % 2 ? `${file}\0` : file);
  const alias = Buffer.alloc(ALIAS_HEAD_BYTES + 4 + path.length + 2);
  alias.writeUInt32BE(alias.length, 0);
  alias.write('alis', 4, 'latin1');
  // So many folders up, and down again to the file: not 0, or it is not followed.
  alias.writeUInt16BE(1, LEVELS_AT);
  alias.writeUInt16BE(1, LEVELS_AT + 2);
  alias.writeUInt16BE(ABSOLUTE_PATH, ALIAS_HEAD_BYTES);
  alias.writeUInt16BE(path.length, ALIAS_HEAD_BYTES + 2);
  path.copy(alias, ALIAS_HEAD_BYTES + 4);
  alias.writeUInt16BE(END, alias.length - 2);
  return alias;
}
