import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { NAL, nalUnits } from './nal-units.ts';
import { assertOneTrack, freeId, parameterSetsOf, sequenceParameters } from './parameter-sets.ts';

/** The parameter sets that x264 writes for a grey picture. */
async function encoded(size: string, ...options: string[]) {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `color=gray:s=${size}:r=25`, '-frames:v', '3'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', ...options, '-f', 'h264', 'pipe:1'],
    ],
    { encoding: 'buffer' },
  );
  const units = nalUnits(stdout);
  const of = (type: number) => units.filter((unit) => unit.type === type).map((u) => u.bytes);
  return { sps: of(NAL.sps), pps: of(NAL.pps) };
}

const parametersOf = async (...args: Parameters<typeof encoded>) =>
  sequenceParameters((await encoded(...args)).sps[0]!);

describe('sequence parameters', () => {
  it('of High profile with colour and reordering', async () => {
    const colour = ['-color_range', 'pc', '-color_primaries', '1', '-color_trc', '1'];
    expect(
      await parametersOf(
        '1920x1080',
        ...['-profile:v', 'high', '-level', '4.1', ...colour, '-colorspace', '5'],
        ...['-x264-params', '8x8dct=1:cabac=1:bframes=3:b-pyramid=normal:ref=4:cqm=jvt'],
      ),
    ).toMatchObject({
      id: 0,
      profile: 100,
      level: 41,
      chromaFormat: 1,
      bitDepth: 8,
      isProgressive: true,
      width: 1920,
      height: 1080,
      maxReferenceFrames: 4,
      colour: { isFullRange: true, primaries: 1, transfer: 1, matrix: 5 },
      reorderFrames: 2,
    });
  });

  it('of Baseline profile with a buffer model and an id of its own', async () => {
    const buffer = 'nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:sps-id=5';
    expect(
      await parametersOf('320x180', '-profile:v', 'baseline', '-x264-params', buffer),
    ).toMatchObject({ id: 5, profile: 66, width: 320, reorderFrames: 0 });
  });

  it('of interlaced 4:2:2', async () => {
    expect(
      await parametersOf('720x576', '-pix_fmt', 'yuv422p10le', '-x264-params', 'tff=1'),
    ).toMatchObject({
      profile: 122,
      chromaFormat: 2,
      bitDepth: 10,
      isProgressive: false,
      height: 576,
    });
  });

  it('that are cut off are called damaged', async () => {
    const { sps } = await encoded('320x180');
    expect(() => sequenceParameters(sps[0]!.subarray(0, 6))).toThrow('damaged');
  });
});

describe('parameter sets', () => {
  it('live beside those with other ids', async () => {
    const source = await encoded('320x180');
    const ours = await encoded('320x180', '-x264-params', 'sps-id=1');
    expect(freeId(parameterSetsOf([source]))).toBe(1);
    expect(freeId(parameterSetsOf([source, ours]))).toBe(2);
  });

  it('that differ under one id cannot', async () => {
    const one = await encoded('320x180');
    const other = await encoded('320x240');
    expect(() => parameterSetsOf([one, other])).toThrow('parameters change');
    const parameters = [one, other].map(({ sps }) => sequenceParameters(sps[0]!));
    expect(() => assertOneTrack(parameters)).toThrow('differ in size');
    expect(() => assertOneTrack([parameters[0]!, parameters[0]!])).not.toThrow();
    const coloured = await parametersOf('320x180', '-colorspace', '1');
    expect(() => assertOneTrack([parameters[0]!, coloured])).toThrow('differ in colour');
  });
});
