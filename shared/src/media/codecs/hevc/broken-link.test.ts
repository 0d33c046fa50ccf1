import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileReader } from '../../source/file-reader.ts';
import { indexTransportStream } from '../../transport-stream/index-transport-stream.ts';
import type { TimedPacket } from '../../transport-stream/writing/write-transport-stream.ts';
import { writeTransportStream } from '../../transport-stream/writing/write-transport-stream.ts';
import { asBrokenLink } from './broken-link.ts';
import { hevcNalUnits } from './nal-units.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-hevc-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const START = Buffer.from([0, 0, 0, 1]);

describe('a broken link', () => {
  it('is what a CRA picture becomes, and nothing else', () => {
    const delimiter = Buffer.from([0x46, 0x01, 0x50]);
    // The second bit of the third byte would throw away what is decoded but not shown yet.
    const unit = Buffer.concat([START, delimiter, START, Buffer.from([0x2a, 0x01, 0xec, 0x10])]);
    const types = hevcNalUnits(asBrokenLink(unit)).map(({ type }) => type);
    expect(types).toEqual([35, 17]);
    expect(hevcNalUnits(asBrokenLink(unit))[1]!.bytes).toEqual(
      Buffer.from([0x22, 0x01, 0xac, 0x10]),
    );
    const idr = Buffer.concat([START, Buffer.from([0x28, 0x01, 0xec, 0x10])]);
    expect(asBrokenLink(idr)).toBe(idr);
  });

  it('lets copying begin in the middle of a joined stream', async () => {
    const source = join(folder, 'source.ts');
    await run('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=192x108:r=30:d=4'],
      ...['-c:v', 'libx265', '-preset', 'fast', '-x265-params'],
      'log-level=error:keyint=30:min-keyint=30:open-gop=1:bframes=4',
      ...['-f', 'mpegts', source],
    ]);
    const signal = new AbortController().signal;
    const { pictures } = await indexTransportStream([{ path: source, take: 'all' }], signal);
    const { units } = pictures!;
    const keys = units.filter(({ isKey }) => isKey);
    // From the third GOP, then from the second one, each without its RASL pictures.
    const pieces = [keys[2]!, keys[1]!].map((key) => {
      const from = units.indexOf(key);
      return units.slice(from, from + 25).filter((unit) => !unit.isSkippedLeading);
    });
    expect(units.some((unit) => unit.isSkippedLeading)).toBe(true);

    const reader = new FileReader();
    const packets: TimedPacket[] = [];
    for (const [n, piece] of pieces.entries()) {
      for (const [place, unit] of piece.entries()) {
        const bytes = await pictures!.read(reader, unit);
        packets.push({
          stream: 'video',
          bytes: place === 0 ? asBrokenLink(bytes) : bytes,
          pts: unit.pts - piece[0]!.pts + (n + 1) * 900_000,
          dts: (n + 1) * 900_000 - 30_000 + place * 3000,
          isKey: unit.isKey,
        });
      }
    }
    await reader.close();
    async function* each() {
      yield* packets;
    }
    const parts: Buffer[] = [];
    for await (const part of writeTransportStream(each(), { video: 'hevc' })) parts.push(part);
    const spliced = join(folder, 'spliced.ts');
    await writeFile(spliced, Buffer.concat(parts));

    const decoded = await framesOf(spliced);
    const whole = await framesOf(source);
    const expected = pieces.flatMap((piece) =>
      piece
        .map(({ pts }) => pts)
        .sort((a, b) => a - b)
        .map((pts) => whole.get(pts)),
    );
    expect([...decoded.values()]).toEqual(expected);
    expect(expected).not.toContain(undefined);
  });
});

/** The pictures that FFmpeg decodes, without any error, by their times. */
async function framesOf(file: string): Promise<Map<number, string>> {
  const { stdout } = await run('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-xerror', '-err_detect', 'explode', '-copyts', '-i', file],
    ...['-map', '0:v:0', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
    ...['-f', 'framemd5', '-'],
  ]);
  const lines = stdout.split('\n').filter((line) => /^\d/.test(line));
  return new Map(
    lines.map((line) => {
      const fields = line.split(',').map((field) => field.trim());
      return [Number(fields[2]), fields[5]!];
    }),
  );
}
