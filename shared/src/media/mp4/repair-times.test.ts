import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '../source/media-index.ts';
import { repairFirstTime } from './repair-times.ts';

/** In decoding order: places on a grid of 25 frames per second. */
const unitsAt = (places: readonly number[], isKey = true): AccessUnit[] =>
  places.map((place, n) => ({
    ...{ file: 0, start: 0, end: 1, isIdr: false, sps: [], pps: [] },
    isKey: isKey && n === 0,
    pts: place * 3600,
  }));

const unevenly = (places: readonly number[]) => places.map((_, n) => (n === 0 ? 2 : 1));
const evenly = (places: readonly number[]) => places.map(() => 1);

/** @param steps for how many frames each is decoded */
function repaired(units: AccessUnit[], steps: readonly number[]): number[] {
  const decoded = [45 * 3600];
  for (const frames of steps) decoded.push(decoded.at(-1)! + frames * 3600);
  repairFirstTime(units, decoded);
  return units.map(({ pts }) => pts / 3600);
}

describe('the first picture of a fragment', () => {
  it.each<[name: string, places: number[], time: number]>([
    ['with one leading picture', [51, 51, 56, 53, 54, 55], 52],
    ['with three', [50, 51, 50, 52, 57, 55, 54, 56], 53],
    ['whose last pictures lie in the next one', [50, 51, 50, 52, 57, 55, 54], 53],
  ])('%s gets the only time that is left', (_, places, time) => {
    expect(repaired(unitsAt(places), unevenly(places))).toEqual([time, ...places.slice(1)]);
  });

  it.each<[name: string, places: number[], time: number]>([
    ['with one leading picture', [50, 51, 56, 53, 54, 55], 52],
    ['with three', [49, 51, 50, 52, 57, 55, 54, 56], 53],
  ])('%s gets the only time that is left where none is missing', (_, places, time) => {
    expect(repaired(unitsAt(places), evenly(places))).toEqual([time, ...places.slice(1)]);
  });

  it.each<[name: string, places: number[], steps?: number[]]>([
    ['where one is missing', [50, 51, 56, 53, 54, 55], [1, 1, 1, 2, 1, 1]],
    ['before one that is not there', [50, 52, 53, 54, 55]],
    ['with a time that nobody else has', [50, 51, 52, 53, 54, 55]],
    [
      'where another lies in the next fragment',
      [50, 54, 52, 51, 53, 58, 56, 55, 57, 62, 60, 59, 61, 66, 64],
    ],
  ])('%s keeps its time', (_, places, steps = evenly(places)) => {
    expect(repaired(unitsAt(places), steps)).toEqual(places);
  });

  it.each<[name: string, places: number[], isKey?: boolean]>([
    ['that has its own time', [53, 51, 50, 52, 57, 55, 54, 56]],
    [
      'where two times are left',
      [50, 51, 50, 52, 57, 55, 54, ...Array.from({ length: 20 }, (_, n) => 58 + n)],
    ],
    ['where none is left', [50, 50, 51, 52, 53, 54, 55]],
    ['where frames are not on a grid', [50, 51, 50, 52.3, 57, 55, 54, 56]],
    ['that is no key picture', [50, 51, 50, 52, 57, 55, 54, 56], false],
    ['where the time left is not behind the leading pictures', [50, 57, 50, 51, 52, 55, 54, 56]],
    ['alone', [50]],
  ])('%s keeps it', (_, places, isKey) => {
    expect(repaired(unitsAt(places, isKey), evenly(places))).toEqual(places);
  });
});
