import { describe, expect, it } from 'vitest';
import { parseFrameRate } from './frame-rate.ts';
import { drawStrips, stripLayout, timecode } from './strip.ts';

describe('the strip', () => {
  it('writes times in hours, minutes, seconds and milliseconds', () => {
    expect(timecode(0)).toBe('00:00:00.000');
    expect(timecode(59_999.6)).toBe('00:01:00.000');
    expect(timecode(3 * 3_600_000 + 25 * 60_000 + 45_678)).toBe('03:25:45.678');
  });

  it.each([
    [1280, 720],
    [720, 1280],
    [162, 90],
  ])('keeps its text within a picture of %i × %i', async (width, height) => {
    const layout = stripLayout(width, height);
    const bytes: Uint8Array[] = [];
    for await (const batch of drawStrips(layout, parseFrameRate('30'), 40)) bytes.push(batch);
    const strips = Buffer.concat(bytes);
    expect(strips.length).toBe(40 * width * layout.height);

    const paper = strips[layout.barcodeHeight * width]!;
    let written = 0;
    for (let y = layout.barcodeHeight; y < layout.height; y++) {
      const row = strips.subarray(y * width, (y + 1) * width);
      expect([row[0], row[width - 1]]).toEqual([paper, paper]);
      written += row.filter((grey) => grey > 2 * paper).length;
    }
    expect(written).toBeGreaterThan(100);
  });
});
