import { expect, it } from 'vitest';
import { HeardTime, holesIn } from './heard-time.ts';

const MS = 90;
const span = (from: number, to: number) => ({ from: from * MS, to: to * MS });

it('finds where there is nothing for longer than 50 ms', () => {
  const heard = [span(0, 500), span(540, 900), span(1_000, 1_900)];
  expect(holesIn(span(0, 2_000), heard)).toEqual([span(900, 1_000), span(1_900, 2_000)]);
  expect(holesIn(span(600, 800), heard)).toEqual([]);
  expect(holesIn(span(0, 100), [])).toEqual([span(0, 100)]);
});

it('lets an episode begin with what encoders put in front', () => {
  const late = [span(80, 1_000)];
  expect(holesIn(span(0, 1_000), late, { begin: 0 })).toEqual([]);
  expect(holesIn(span(0, 1_000), late, { begin: -5_000 * MS })).toEqual([span(0, 80)]);
});

it('notes packets that follow each other as one span', () => {
  const heard = new HeardTime();
  heard.add(0, 1_920);
  heard.add(1_921, 3_840);
  heard.add(9_000, 10_920);
  expect(heard.spans).toEqual([
    { from: 0, to: 3_840 },
    { from: 9_000, to: 10_920 },
  ]);
});
