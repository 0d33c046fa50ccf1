import { NotCopyableError, UntidyStreamError, UnusualPackingError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import type { MediaIndex, PictureTrack, SoundTrack } from '../source/media-index.ts';
import type { Finding } from '../warnings.ts';
import { PacketSorter, type StreamContext } from './packet-sorter.ts';
import { blocksOf } from './packets/file-blocks.ts';
import { readPayload } from './packets/read-payload.ts';
import { damageFindings, markDamage, settleDoubts } from './picture-damage.ts';
import type { Take } from './sound-collector.ts';
import { mendSound, type PartialPacket, wholeOf } from './sound-damage.ts';
import { estimatedTicks, soundingTicks } from './sound-end.ts';

/** A chunk, or a part of one that begins and ends between packets. */
export interface TsFile {
  path: string;
  take: Take;
}

/**
 * Lists the pictures and the sound of a transport stream without decoding. The files follow each other; each
 * may count its packets anew. They are read in blocks: only the list is kept. Pictures that are damaged are
 * marked, frames of sound that are damaged are left out.
 * @throws UnusualPackingError when pictures share or span PES packets, or anything spans chunks;
 * UntidyStreamError when packets are not all as they should be; or NotCopyableError when anything else about it is
 * not plain: other codecs, encryption
 */
export async function indexTransportStream(
  files: readonly TsFile[],
  signal: AbortSignal,
  context?: StreamContext,
): Promise<MediaIndex> {
  const sorter = new PacketSorter(context);
  await findTables(sorter, files, signal);
  for (const [n, { path, take }] of files.entries()) {
    sorter.beginFile(n, take);
    for await (const { packets, position } of blocksOf(path, signal)) {
      sorter.packets(packets, position);
    }
    sorter.endFile();
  }
  if (!sorter.program) throw new UntidyStreamError(NOTHING);
  const { video, sound: audio, hasOthers } = sorter.program;
  const isVideoEmpty = video && !sorter.pictures?.units.length;
  const isAudioEmpty = audio && !sorter.sound?.packets.length;
  if (hasOthers && (isVideoEmpty || isAudioEmpty)) {
    throw new UntidyStreamError('the first stream of its kind is empty');
  }
  assertPacking(sorter);
  const paths = files.map(({ path }) => path);
  const sound = await soundTrack(sorter, paths);
  const lacksFrames = sorter.pictures?.units.length === 0 && sound !== undefined;
  const pictures = lacksFrames ? undefined : pictureTrack(sorter, paths);
  const hasForeignSound = sorter.program.hasForeignSound;
  if (!pictures && !sound && !hasForeignSound) {
    throw new NotCopyableError(
      sorter.pictures ? 'there are no pictures in the video stream' : NOTHING,
    );
  }
  const findings = [
    ...(pictures ? damageFindings(pictures.units) : []),
    ...(sound?.findings ?? []),
  ];
  return {
    pictures,
    sound: sound?.track,
    ...(lacksFrames ? { lacksFrames } : {}),
    ...(hasForeignSound ? { hasForeignSound } : {}),
    ...(findings.length > 0 ? { findings } : {}),
  };
}

const NOTHING = 'there is neither video nor sound in the transport stream';

function assertPacking({ pictures, sound }: PacketSorter): void {
  const problem = pictures?.packingProblem ?? sound?.packingProblem;
  if (problem) throw new UnusualPackingError(problem, /chunks$/.test(problem));
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
  if (!found || found.units.length === 0) return undefined;
  const { pid, codec, units, initialSets, damaged, afterLoss, doubtful } = found;
  if (doubtful.size > 0) settleDoubts(found);
  if (damaged.size + afterLoss.size > 0) markDamage(units, damaged, afterLoss);
  return {
    codec,
    files,
    units,
    initialSets,
    rotationDegrees: 0,
    read: (reader, unit) => readPayload(reader, files, pid, unit),
  };
}

async function soundTrack(
  { sound: found, program }: PacketSorter,
  files: readonly string[],
): Promise<{ track: SoundTrack; findings: readonly Finding[] } | undefined> {
  const format = program?.sound?.format;
  if (!found || !format) return undefined;
  const { pid, damage, afterLoss, bytesBeforeLast, lastBytes } = found;
  const { streamType } = format;
  const read = async (reader: Parameters<SoundTrack['read']>[0], packet: PartialPacket) =>
    wholeOf(await readPayload(reader, files, pid, packet), packet);
  const reader = new FileReader();
  try {
    const isDamaged = damage.length + afterLoss.size > 0;
    const { packets, findings } = isDamaged
      ? await mendSound({ packets: found.packets, damage, afterLoss, streamType }, (place) =>
          read(reader, place),
        )
      : { packets: found.packets, findings: [] };
    const last = packets.at(-1);
    if (!last) return undefined;
    const counted = soundingTicks(streamType, await read(reader, last));
    const ticks = counted ?? estimatedTicks(packets, bytesBeforeLast, lastBytes);
    return { track: { format, files, packets, endPts: last.pts + ticks, read }, findings };
  } finally {
    await reader.close();
  }
}
