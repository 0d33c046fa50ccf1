import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawBytes, splitAdts } from '../sound/aac-frames.ts';
import { type HeKind, heFile } from '../sources/he-aac.fixture.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { hasSbr } from './sbr.ts';

const folder = useFolder();

const framesOf = async (file: string) => splitAdts(await readFile(file))!.frames.map(rawBytes);

describe('SBR', () => {
  it.each<HeKind>(['mono', 'stereo', 'parametric'])('is found in each frame: %s', async (kind) => {
    expect((await framesOf(heFile(kind))).every(hasSbr)).toBe(true);
  });

  it.each(['1', '2'])(
    'is not taken to be in LC of %s channels, but by chance',
    async (channels) => {
      const file = join(folder.path, `${channels}.aac`);
      await promisify(execFile)('ffmpeg', [
        ...['-v', 'error', '-i', heFile('stereo'), '-ac', channels, '-ar', '24000'],
        ...['-c:a', 'aac', '-b:a', '48k', file],
      ]);
      const frames = await framesOf(file);
      expect(frames.filter(hasSbr).length / frames.length).toBeLessThan(0.06);
    },
  );

  it('is looked for in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => typeof hasSbr(Buffer.from(bytes)) === 'boolean'),
    );
  });
});
