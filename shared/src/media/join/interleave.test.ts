import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodedFrames } from '../sound/encode-aac.ts';
import { interleave } from './interleave.ts';

const pictures = (count: number, ticks: number) =>
  Array.from({ length: count }, (_, n) => ({ dts: n * ticks - 6_000 }));

const numbers = (chunks: readonly { from: number; to: number }[]) =>
  chunks.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));

it('holds every picture and every frame of sound once, in order, side by side', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.nat(9_000),
      fc.nat(2_000),
      (count, ticks, late) => {
        const clock = encodedFrames(Math.round((count * (ticks + 1) * 48) / 90) + late);
        const chunks = interleave(pictures(count, ticks + 1), clock);
        const of = (kind: string) => numbers(chunks.filter((chunk) => chunk.kind === kind));
        expect(of('video')).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(of('audio')).toEqual(Array.from({ length: clock.frameCount }, (_, n) => n));
        let pictureEnd = 0;
        for (const { kind, to } of chunks.slice(0, -1)) {
          if (kind === 'video') pictureEnd = to * (ticks + 1);
          // A second of pictures, and the frame that has begun by then.
          else expect(Math.abs(to * 1_920 - pictureEnd)).toBeLessThan(90_000 + 3 * 1_920);
        }
      },
    ),
  );
});

it('is one row of pictures by the second where there is no sound', () => {
  const chunks = interleave(pictures(90, 3_000), undefined);
  expect(chunks).toEqual([
    { kind: 'video', from: 0, to: 30 },
    { kind: 'video', from: 30, to: 60 },
    { kind: 'video', from: 60, to: 90 },
  ]);
});
