import type { SoundPacket } from '../source/media-index.ts';
import type { Finding } from '../warnings.ts';
import type { SoundDamage } from './sound-collector.ts';
import { countFrames, firstFrameIn } from './sound-end.ts';

/** A packet of which only some bytes of the payload are whole frames. */
export interface PartialPacket extends SoundPacket {
  /** [from, to) of the payload, in bytes. */
  payload?: { from: number; to: number };
}

export interface MendedSound {
  packets: PartialPacket[];
  findings: Finding[];
}

interface Found {
  packets: readonly SoundPacket[];
  damage: readonly SoundDamage[];
  afterLoss: ReadonlySet<number>;
  streamType: number;
}

/**
 * Leaves of damaged packets only the frames that are whole, each at its time: those before the first place where
 * something is missing are counted from the packet's own time, those after the last from the time of the next packet.
 * @param read the payload in a place
 */
export async function mendSound(
  { packets, damage, afterLoss, streamType }: Found,
  read: (place: SoundPacket) => Promise<Buffer>,
): Promise<MendedSound> {
  const breaksOf = new Map(damage.map(({ index, breaks }) => [index, breaks]));
  const mended: PartialPacket[] = [];
  const findings: Finding[] = [];
  const lose = (fromPts: number, toPts: number) => {
    const message = LOST_AUDIO;
    findings.push({ code: 'DAMAGE_CONCEALED', message, isAudio: true, fromPts, toPts });
  };
  for (const [n, packet] of packets.entries()) {
    const breaks = breaksOf.get(n);
    const before = packets[n - 1];
    // Whole packets are missing, and those around them are not damaged.
    if (afterLoss.has(n) && before && !breaksOf.has(n - 1)) {
      const end = before.pts + countFrames(streamType, await read(before)).ticks;
      if (packet.pts - end > ROUNDING_TICKS) lose(Math.round(end), packet.pts);
    }
    if (!breaks) {
      mended.push(packet);
      continue;
    }
    const next = afterLoss.has(n + 1) ? undefined : packets[n + 1];
    const head = await headOf(packet, breaks[0] ?? packet.end, streamType, read);
    const tail =
      breaks.length > 0 ? await tailOf(packet, breaks.at(-1)!, next, streamType, read) : undefined;
    const headEnd = head?.endPts ?? packet.pts;
    if (head) mended.push(head.packet);
    const isLater = tail && tail.pts >= headEnd - 1;
    if (isLater) mended.push(tail);
    const nextPts = (isLater ? tail.pts : packets[n + 1]?.pts) ?? headEnd + 1;
    lose(headEnd, Math.max(nextPts, headEnd + 1));
  }
  return { packets: mended, findings };
}

async function headOf(
  packet: SoundPacket,
  end: number,
  streamType: number,
  read: (place: SoundPacket) => Promise<Buffer>,
): Promise<{ packet: PartialPacket; endPts: number } | undefined> {
  const place = { ...packet, end };
  if (place.end <= place.start) return undefined;
  const { bytes, ticks } = countFrames(streamType, await read(place));
  if (bytes === 0) return undefined;
  return {
    packet: { ...place, payload: { from: 0, to: bytes } },
    endPts: packet.pts + Math.round(ticks),
  };
}

/** Only where the frames reach to the end: their time is told by what follows. */
async function tailOf(
  packet: SoundPacket,
  start: number,
  next: SoundPacket | undefined,
  streamType: number,
  read: (place: SoundPacket) => Promise<Buffer>,
): Promise<PartialPacket | undefined> {
  if (!next || next.file !== packet.file) return undefined;
  const place = { ...packet, start };
  const payload = await read(place);
  const from = firstFrameIn(streamType, payload);
  if (from === undefined) return undefined;
  const { ticks } = countFrames(streamType, payload.subarray(from));
  const pts = next.pts - Math.round(ticks);
  return { ...place, pts, payload: { from, to: payload.length } };
}

/** Time stamps are rounded, and a millisecond is heard. */
const ROUNDING_TICKS = 45;

/** Reads what is whole of a packet. */
export const wholeOf = (bytes: Buffer, { payload }: PartialPacket): Buffer =>
  payload ? bytes.subarray(payload.from, payload.to) : bytes;

const LOST_AUDIO =
  'Packets of audio are missing from the chunks: there is silence in their place. Upload the chunks again if there is a whole copy.';
