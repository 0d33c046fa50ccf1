import { readFile, writeFile } from 'node:fs/promises';
import { boxesIn } from '#shared/media/mp4/boxes';

/** An entry of an edit list, in units: of the movie, and of the track. -1: nothing is shown. */
export type RawEdit = [duration: number, mediaTime: number, rate?: number];

/**
 * Copies an MP4 whose description comes last, with edit lists of our own.
 * @param lists of the tracks in their order; absent: the track gets none
 */
export async function withEditLists(
  source: string,
  target: string,
  lists: readonly (readonly RawEdit[] | undefined)[],
): Promise<string> {
  const parts: Buffer[] = [];
  for (const { type, body } of boxesIn(await readFile(source))) {
    parts.push(box(type, type === 'moov' ? edited(body, lists) : body));
  }
  await writeFile(target, Buffer.concat(parts));
  return target;
}

function edited(movie: Buffer, lists: readonly (readonly RawEdit[] | undefined)[]): Buffer {
  let track = 0;
  return Buffer.concat(
    [...boxesIn(movie)].map(({ type, body }) => {
      if (type !== 'trak') return box(type, body);
      const list = lists[track++];
      const kept = [...boxesIn(body)].filter((one) => one.type !== 'edts');
      const inner = kept.flatMap((one) => [
        box(one.type, one.body),
        ...(one.type === 'tkhd' && list ? [box('edts', box('elst', editList(list)))] : []),
      ]);
      return box('trak', Buffer.concat(inner));
    }),
  );
}

function editList(edits: readonly RawEdit[]): Buffer {
  const list = Buffer.alloc(8 + 12 * edits.length);
  list.writeUInt32BE(edits.length, 4);
  for (const [n, [duration, mediaTime, rate = 1]] of edits.entries()) {
    list.writeUInt32BE(duration, 8 + 12 * n);
    list.writeInt32BE(mediaTime, 12 + 12 * n);
    list.writeInt32BE(rate * 0x10000, 16 + 12 * n);
  }
  return list;
}

function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}
