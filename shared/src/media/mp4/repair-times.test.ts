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

function repaired(units: AccessUnit[]): number[] {
  repairFirstTime(units);
  return units.map(({ pts }) => pts / 3600);
}

describe('the first picture of a fragment', () => {
  it.each<[name: string, places: number[], time: number]>([
    ['with one leading picture', [51, 51, 56, 53, 54, 55], 52],
    ['with three', [50, 51, 50, 52, 57, 55, 54, 56], 53],
  ])('%s gets the only time that is left', (_, places, time) => {
    expect(repaired(unitsAt(places))).toEqual([time, ...places.slice(1)]);
  });

  it.each<[name: string, places: number[], isKey?: boolean]>([
    ['that has its own time', [53, 51, 50, 52, 57, 55, 54, 56]],
    ['where two times are left', [50, 51, 50, 52, 57, 55, 54]],
    ['where none is left', [50, 50, 51, 52, 53, 54, 55]],
    ['where frames are not on a grid', [50, 51, 50, 52.3, 57, 55, 54, 56]],
    ['that is no key picture', [50, 51, 50, 52, 57, 55, 54, 56], false],
    ['where the time left is not behind the leading pictures', [50, 57, 50, 51, 52, 55, 54, 56]],
    ['alone', [50]],
  ])('%s keeps it', (_, places, isKey) => {
    expect(repaired(unitsAt(places, isKey))).toEqual(places);
  });
});
