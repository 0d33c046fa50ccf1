import { describe, expect, it } from 'vitest';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { colourFilters } from './frame-filters.ts';
import { lossesOf, targetOf } from './frame-target.ts';

const format = (changed: Partial<FrameFormat> = {}): FrameFormat => ({
  colour: { isFullRange: false, primaries: 1, transfer: 1, matrix: 1 },
  bitDepth: 8,
  isSubsampled: true,
  isInterlaced: false,
  ...changed,
});
const pq = { isFullRange: false, primaries: 9, transfer: 16, matrix: 9 };
const SDR = format();
const DEEP = format({ bitDepth: 10 });
const PQ = format({ bitDepth: 10, colour: pq });
const HLG = format({ bitDepth: 10, colour: { ...pq, transfer: 18 } });
/** Marked so by mistake, as happens. */
const PQ_OF_8_BITS = format({ colour: pq });

const ALL = { hasHevcEncoder: true, hasToneMapping: true };
const NONE = { hasHevcEncoder: false, hasToneMapping: false };
const KEEP = { ...DEFAULT_OUTPUT, allowHevc: true };
const TONEMAP = { ...KEEP, hdr: 'tonemap' as const };

describe('how frames come out', () => {
  it.each([
    ['8 bits', [SDR], KEEP, ALL, 'h264 8 1/1/1', []],
    ['10 bits', [DEEP], KEEP, ALL, 'hevc 10 1/1/1', []],
    [
      '10 bits, HEVC not allowed',
      [DEEP],
      DEFAULT_OUTPUT,
      ALL,
      'h264 8 1/1/1',
      ['BIT_DEPTH_REDUCED'],
    ],
    ['10 bits, no encoder', [DEEP], KEEP, NONE, 'h264 8 1/1/1', ['BIT_DEPTH_REDUCED']],
    ['10 bits and 8', [DEEP, SDR], KEEP, ALL, 'h264 8 1/1/1', ['BIT_DEPTH_REDUCED']],
    ['PQ', [PQ], KEEP, ALL, 'hevc 10 9/16/9', []],
    ['HLG', [HLG], KEEP, ALL, 'hevc 10 9/18/9', []],
    ['PQ, HEVC not allowed', [PQ], DEFAULT_OUTPUT, ALL, 'h264 8 1/1/1', ['DYNAMIC_RANGE_REDUCED']],
    ['PQ, nothing at hand', [PQ], KEEP, NONE, 'h264 8 2/2/1', ['DYNAMIC_RANGE_REDUCED']],
    ['PQ, to be SDR', [PQ], TONEMAP, ALL, 'h264 8 1/1/1', []],
    ['PQ and SDR', [PQ, SDR], KEEP, ALL, 'h264 8 1/1/1', ['DYNAMIC_RANGE_REDUCED']],
    ['PQ of 8 bits', [PQ_OF_8_BITS], KEEP, ALL, 'h264 8 1/1/1', ['DYNAMIC_RANGE_REDUCED']],
    ['12 bits', [format({ bitDepth: 12 })], KEEP, ALL, 'hevc 10 1/1/1', ['BIT_DEPTH_REDUCED']],
    ['only black', [], KEEP, ALL, 'h264 8 2/2/2', []],
  ] as const)('%s', (_, formats, output, abilities, expected, codes) => {
    const target = targetOf(formats, output, abilities);
    const { primaries, transfer, matrix } = target.colour;
    expect(`${target.codec} ${target.bitDepth} ${primaries}/${transfer}/${matrix}`).toBe(expected);
    expect(lossesOf(formats, target, output).map(({ code }) => code)).toEqual(codes);
  });

  it('RGB is encoded as luma and chroma, and reserved numbers as unspecified', () => {
    const colour = { isFullRange: true, primaries: 1, transfer: 3, matrix: 0 };
    const target = targetOf([format({ colour })], DEFAULT_OUTPUT, NONE);
    expect(target.colour).toEqual({ isFullRange: true, primaries: 1, transfer: 2, matrix: 1 });
  });

  it('interlaced frames are told of where they do not stay so', () => {
    const woven = [format({ isInterlaced: true, firstField: 'bottom' })];
    const off = { ...DEFAULT_OUTPUT, deinterlace: 'off' as const };
    expect(targetOf(woven, off, NONE)).toMatchObject({ interlaced: 'kept', firstField: 'bottom' });
    expect(lossesOf(woven, targetOf(woven, off, NONE), off)).toEqual([]);
    const made = targetOf(woven, DEFAULT_OUTPUT, NONE);
    expect(lossesOf(woven, made, DEFAULT_OUTPUT)).toMatchObject([{ code: 'DEINTERLACED' }]);
  });
});

describe('what is converted', () => {
  const filters = (from: FrameFormat, to = from) =>
    colourFilters(from, targetOf([to], DEFAULT_OUTPUT, NONE), 90).join();

  it('is nothing where frames are as they shall be', () => {
    expect(filters(SDR)).not.toMatch(/scale/);
    const full = format({ colour: { isFullRange: true } });
    expect(filters(full)).toMatch(/^format=yuvj420p/);
  });

  it('is told of both sides', () => {
    const full = format({ colour: { isFullRange: true, matrix: 9 } });
    const given = 'in_range=full:out_range=limited:in_color_matrix=bt2020:out_color_matrix=bt709';
    expect(filters(full, SDR)).toContain(given);
  });

  it('is without tone mapping where FFmpeg has none', () => {
    expect(filters(PQ)).not.toContain('zscale');
    expect(filters(PQ)).toContain('color_trc=2');
  });
});
