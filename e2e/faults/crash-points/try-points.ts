import { expect } from 'vitest';
import { describeViolation } from '../checker/violation.ts';
import { type Counts, isFull, isOutOfTime, type Row, report } from '../report.ts';
import type { World } from '../world/world.ts';
import { type CrashPoint, crashAt, type Deaths } from './crash-points.ts';

/** In the short form one point of so many is tried. */
export const SHORT_STRIDE = 31;

/** Lets the process die before and after each call, and expects that all guarantees hold each time. */
export async function tryPoints(
  world: World,
  points: readonly CrashPoint[],
  deaths: Deaths,
  { what, media }: Pick<Row, 'what' | 'media'>,
): Promise<void> {
  const startedAt = performance.now();
  const all = points.flatMap((point) => [
    { point, fate: 'before' as const },
    { point, fate: 'after' as const },
  ]);
  const tried = all.filter(
    ({ point }, index) => isFull || isCounter(point) || index % SHORT_STRIDE === deaths,
  );
  const row: Counts = { tried: 0, delivered: 0, duplicates: 0, violations: 0 };
  const failures: string[] = [];
  for (const { point, fate } of tried) {
    if (isOutOfTime(startedAt)) {
      row.of = tried.length;
      break;
    }
    const { violations, deliveries, hasDied } = await crashAt(world, point, fate, deaths);
    row.tried++;
    row.delivered += deliveries.delivered;
    row.duplicates += deliveries.duplicates;
    row.violations += violations.length;
    const where = `${point.scenario.name}: dies ${deaths}× ${fate} ${point.name}`;
    if (!hasDied) failures.push(`${where}: it did not`);
    if (violations.length > 0) {
      failures.push(`${where}\n  ${violations.map(describeViolation).join('\n  ')}`);
    }
  }
  report({ what, media, ...row, startedAt });
  expect(failures.join('\n')).toBe('');
  expect(tried.length).toBeGreaterThan(0);
}

/** The one that publishes what is published once: in the short form, too, it dies everywhere. */
const isCounter = ({ call }: CrashPoint): boolean =>
  call.functionName.startsWith('splicebus-stitcher-') &&
  call.functionName.endsWith('-segmentExtracted');
