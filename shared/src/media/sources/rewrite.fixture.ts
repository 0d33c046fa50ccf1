import { PACKET_BYTES, readPacketHeader } from '../transport-stream/packets/packets.ts';
import { pesHeader, readPesHeader } from '../transport-stream/packets/pes.ts';
import { packetise } from '../transport-stream/writing/packetise.ts';

/** What a PES packet carries, and its times. */
export interface Pes {
  pts?: number;
  dts?: number;
  payload: Buffer;
}

/** FFmpeg's numbers of the first stream, and of the second. */
export const FIRST_PID = 0x100;
export const PICTURE_PID = FIRST_PID;
export const SOUND_PID = 0x101;

const STREAM_IDS = new Map([
  [PICTURE_PID, 0xe0],
  [SOUND_PID, 0xc0],
]);

/**
 * Packs one stream of a transport stream in another way; all other packets stay as they are.
 * @param repack what becomes of its PES packets
 */
export function rewritten(stream: Buffer, pid: number, repack: (all: Pes[]) => Pes[]): Buffer {
  const others: Buffer[] = [];
  const found: Pes[] = [];
  let parts: Buffer[] = [];
  const starts: number[] = [];
  const close = () => {
    const open = found.at(-1);
    if (open) open.payload = Buffer.concat([open.payload, ...parts]);
    parts = [];
  };
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const { pid: own, isStart, payloadAt } = readPacketHeader(stream, at);
    const end = at + PACKET_BYTES;
    if (own !== pid) others.push(stream.subarray(at, end));
    else if (isStart) {
      close();
      const { pts, dts, payloadAt: from } = readPesHeader(stream, payloadAt, end)!;
      found.push({ pts, dts, payload: stream.subarray(from, end) });
      starts.push(others.length);
    } else parts.push(stream.subarray(payloadAt, end));
  }
  close();
  return interleaved(others, repack(found), starts, pid);
}

/** Each new PES packet stands where one of the old ones stood. */
function interleaved(
  others: readonly Buffer[],
  all: readonly Pes[],
  starts: readonly number[],
  pid: number,
): Buffer {
  const written: Buffer[] = [];
  let continuity = 0;
  let taken = 0;
  for (const [n, { pts, dts, payload }] of all.entries()) {
    const from = starts[Math.min(starts.length - 1, Math.floor((n * starts.length) / all.length))]!;
    written.push(...others.slice(taken, Math.max(taken, from)));
    taken = Math.max(taken, from);
    const isPicture = pid === PICTURE_PID;
    const header = pesHeader(STREAM_IDS.get(pid)!, {
      pts,
      dts,
      ...(isPicture ? {} : { payloadBytes: payload.length }),
    });
    const packets = packetise({
      ...{ pid, continuity, header, bytes: payload },
      ...(isPicture && dts !== undefined ? { clock: dts - 20_000 } : {}),
    });
    continuity += packets.length / PACKET_BYTES;
    written.push(packets);
  }
  return Buffer.concat([...written, ...others.slice(taken)]);
}

/** Two PES packets in one, as often as there are two. */
export function inPairs(all: readonly Pes[]): Pes[] {
  const pairs: Pes[] = [];
  for (let n = 0; n < all.length; n += 2) {
    const payload = Buffer.concat(all.slice(n, n + 2).map((pes) => pes.payload));
    pairs.push({ ...all[n]!, payload });
  }
  return pairs;
}

/** The last bytes of each PES packet at the beginning of the next one. */
export function spanning(all: readonly Pes[], bytes = 100): Pes[] {
  let rest: Buffer = Buffer.alloc(0);
  return all.map(({ payload, ...times }, n) => {
    const isLast = n === all.length - 1;
    const cut = isLast ? payload.length : Math.max(payload.length - bytes, payload.length >> 1);
    const packed = Buffer.concat([rest, payload.subarray(0, cut)]);
    rest = payload.subarray(cut);
    return { ...times, payload: packed };
  });
}
