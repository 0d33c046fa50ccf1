import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UntidyStreamError } from '../not-copyable.ts';
import {
  AUDIO,
  MAP_PID,
  packetsIn,
  programList,
  programMap,
  tablePackets,
  VIDEO,
  withPid,
} from '../sources/streams.fixture.ts';
import { PACKET_BYTES } from './packets/packets.ts';
import { timeZeroOfTransportStream } from './time-zero.ts';
import {
  encoded,
  indexOf,
  PPS,
  picture,
  probed,
  SPS,
  written,
} from './transport-stream.fixture.ts';
import type { TimedPacket } from './writing/write-transport-stream.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-zero-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is answered to ever longer beginnings, and after how many packets. */
function answers(bytes: Buffer) {
  for (let end = PACKET_BYTES; end < bytes.length; end += PACKET_BYTES) {
    const zero = timeZeroOfTransportStream(bytes.subarray(0, end + 5), false);
    if (zero) return { zero, bytes: end };
  }
  return { zero: timeZeroOfTransportStream(bytes, true)!, bytes: bytes.length };
}

const frame = (pts: number, dts: number, isIdr = false): TimedPacket => ({
  stream: 'video',
  bytes: picture(5000, isIdr),
  pts,
  dts,
  isKey: isIdr,
});

describe('the time zero of a chunk', () => {
  it('is that of an IDR picture as soon as it is seen', async () => {
    const pictures = [frame(9000, 0, true), frame(18000, 3000), frame(12000, 6000)];
    const { zero, bytes } = answers(await written(pictures, { video: 'h264' }));
    expect(zero).toEqual({ pts: 9000, sps: [SPS], pps: [PPS] });
    expect(bytes).toBe(3 * PACKET_BYTES);
  });

  it('is that of the earliest leading picture of an open GOP', async () => {
    const order = [9000, 3000, 6000, 18000, 12000, 15000, 27000];
    const pictures = order.map((pts, n) => frame(pts, n * 3000 - 3000));
    const bytes = await written(pictures, { video: 'h264' });
    expect(answers(bytes).zero.pts).toBe(3000);
    // Even when decoding times are not told, and all that is there must do.
    const untold = order.map((pts) => frame(pts, pts));
    expect(answers(await written(untold, { video: 'h264' })).zero.pts).toBe(3000);
    const short = await written(pictures.slice(0, 2), { video: 'h264' });
    expect(timeZeroOfTransportStream(short, false)).toBeUndefined();
    expect(timeZeroOfTransportStream(short, true)!.pts).toBe(3000);
  });

  it('is that of the first sound where there are no pictures', async () => {
    const sound = { streamType: 0x0f, descriptors: Buffer.alloc(0) };
    const packets: TimedPacket[] = [{ stream: 'sound', bytes: Buffer.alloc(9), pts: 2 ** 33 + 7 }];
    expect(answers(await written(packets, { sound })).zero).toEqual({ pts: 7, sps: [], pps: [] });
  });

  it('is not told by sound where another video stream than the first one may be used', async () => {
    const sound = { streamType: 0x0f, descriptors: Buffer.alloc(0) };
    const packets: TimedPacket[] = [{ stream: 'sound', bytes: Buffer.alloc(9), pts: 9 }];
    const [, , ...media] = packetsIn(await written(packets, { sound }));
    const streams = [0x130, 0x131].map((pid) => ({ ...VIDEO, pid }));
    const tables = [
      ...tablePackets(0, [programList([[1, MAP_PID]])]),
      ...tablePackets(MAP_PID, [programMap(1, [...streams, AUDIO])]),
    ];
    const chunk = Buffer.concat([...tables, ...media]);
    expect(() => timeZeroOfTransportStream(chunk, true)).toThrow(UntidyStreamError);
    // Of several programs, the second one may come first.
    const others = tablePackets(0, [
      programList([
        [1, MAP_PID],
        [2, 0x1001],
      ]),
    ]);
    const other = tablePackets(0x1001, [programMap(2, [{ ...VIDEO, pid: 0x140 }])]);
    const [, , ...pictures] = packetsIn(await written([frame(9000, 0, true)], { video: 'h264' }));
    const moved = pictures.map((packet) => withPid(packet, 0x140));
    const both = Buffer.concat([...others, ...tables.slice(1), ...other, ...moved]);
    expect(() => timeZeroOfTransportStream(both, false)).toThrow(UntidyStreamError);
  });

  it('needs something to go by', () => {
    expect(timeZeroOfTransportStream(Buffer.alloc(0), false)).toBeUndefined();
    expect(() => timeZeroOfTransportStream(Buffer.alloc(0), true)).toThrow(
      'there is neither video nor sound in the transport stream',
    );
  });

  it.each<[string, string[]]>([
    ['H.264', ['-c:v', 'libx264', '-bf', '3', '-g', '30', '-x264-params', 'open-gop=1']],
    ['HEVC', ['-c:v', 'libx265', '-x265-params', 'log-level=error:keyint=30:open-gop=1:bframes=3']],
  ])('is found in each chunk of %s with open GOPs', async (_, encoder) => {
    const file = await encoded(folder, 'open.ts', [...encoder, '-preset', 'ultrafast', '-an']);
    const bytes = await readFile(file);
    const { units } = (await indexOf(file)).pictures!;
    const shown = (await probed(file, 'v')).map(({ pts }) => pts);
    for (const [n, unit] of units.entries()) {
      if (!unit.isKey) continue;
      const tables = n === 0 ? 0 : unit.start - 2 * PACKET_BYTES;
      const { zero, bytes: needed } = answers(bytes.subarray(tables));
      expect(zero.pts).toBe(Math.min(...shown.slice(n)));
      expect(zero.sps.length).toBeGreaterThan(0);
      expect(zero.vps?.length ?? 1).toBeGreaterThan(0);
      expect(needed).toBeLessThan(bytes.length / 2);
    }
  });
});
