import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import type { MediaIndex, PictureTrack, SoundTrack } from '../source/media-index.ts';
import { PacketSorter } from './packet-sorter.ts';
import { blocksOf } from './packets/file-blocks.ts';
import { readPayload } from './packets/read-payload.ts';
import type { Take } from './sound-collector.ts';
import { estimatedTicks, soundingTicks } from './sound-end.ts';

/** A chunk, or a part of one that begins and ends between packets. */
export interface TsFile {
  path: string;
  take: Take;
}

/**
 * Lists the pictures and the sound of a transport stream without decoding. The files follow each other; each
 * may count its packets anew. They are read in blocks: only the list is kept.
 * @throws UnusualPackingError when pictures share or span PES packets, or anything spans chunks, or
 * NotCopyableError when anything else about it is not plain: lost packets, other codecs, encryption
 */
export async function indexTransportStream(
  files: readonly TsFile[],
  signal: AbortSignal,
): Promise<MediaIndex> {
  const sorter = new PacketSorter();
  await findTables(sorter, files, signal);
  for (const [n, { path, take }] of files.entries()) {
    sorter.beginFile(n, take);
    for await (const { packets, position } of blocksOf(path, signal)) {
      sorter.packets(packets, position);
    }
    sorter.endFile();
  }
  const paths = files.map(({ path }) => path);
  const pictures = pictureTrack(sorter, paths);
  const sound = await soundTrack(sorter, paths);
  const hasForeignSound = sorter.program?.hasForeignSound ?? false;
  if (!pictures && !sound && !hasForeignSound) {
    throw new NotCopyableError('there is neither video nor sound in the transport stream');
  }
  return { pictures, sound, ...(hasForeignSound ? { hasForeignSound } : {}) };
}

/** A part of a chunk may lack them: those of the first whole one hold for it, too. */
async function findTables(
  sorter: PacketSorter,
  files: readonly TsFile[],
  signal: AbortSignal,
): Promise<void> {
  const whole = files.find(({ take }) => take === 'all');
  if (!whole || whole === files[0]) return;
  for await (const { packets } of blocksOf(whole.path, signal)) {
    if (sorter.findTables(packets)) return;
  }
}

function pictureTrack(
  { pictures: found }: PacketSorter,
  files: readonly string[],
): PictureTrack | undefined {
  if (!found) return undefined;
  const { pid, codec, units, packingProblem } = found;
  if (units.length === 0) throw new NotCopyableError('there are no pictures in the video stream');
  if (packingProblem) throw new UnusualPackingError(packingProblem);
  return {
    codec,
    files,
    units,
    rotationDegrees: 0,
    read: (reader, unit) => readPayload(reader, files, pid, unit),
  };
}

async function soundTrack(
  { sound: found, program }: PacketSorter,
  files: readonly string[],
): Promise<SoundTrack | undefined> {
  const last = found?.packets.at(-1);
  const format = program?.sound?.format;
  if (!found || !last || !format) return undefined;
  const { pid, packets, bytesBeforeLast, lastBytes } = found;
  const read: SoundTrack['read'] = (reader, packet) => readPayload(reader, files, pid, packet);
  const reader = new FileReader();
  try {
    const counted = soundingTicks(format.streamType, await read(reader, last));
    const ticks = counted ?? estimatedTicks(packets, bytesBeforeLast, lastBytes);
    return { format, files, packets, endPts: last.pts + ticks, read };
  } finally {
    await reader.close();
  }
}
