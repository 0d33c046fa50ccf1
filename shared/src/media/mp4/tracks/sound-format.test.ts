import { describe, expect, it } from 'vitest';
import { readSoundFormat } from './sound-format.ts';

const box = (type: string, body: readonly number[]) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, Buffer.from(body)]);
};

/** A sample entry of `mp4a`. @param info the `AudioSpecificConfig` */
function mp4a(object: number, info: readonly number[]) {
  const specific = [5, info.length, ...info];
  const decoder = [4, 13 + specific.length, object, ...Array<number>(12).fill(0), ...specific];
  // The length in four bytes, as many writers have it.
  const stream = [3, 0x80, 0x80, 0x80, 3 + decoder.length, 0, 1, 0, ...decoder];
  const body = Buffer.concat([Buffer.alloc(28), box('esds', [0, 0, 0, 0, ...stream])]);
  return readSoundFormat({ codec: 'mp4a', body });
}

describe('the format of sound', () => {
  it.each<[string, number[], object]>([
    ['AAC-LC', [0x11, 0x90], { objectType: 2, frequencyIndex: 3, channelConfig: 2 }],
    ['AAC Main', [0x0a, 0x10], { objectType: 1, frequencyIndex: 4, channelConfig: 2 }],
    // Type 5, 24 kHz, stereo; then 48 kHz and type 2.
    ['HE-AAC', [0x2b, 0x11, 0x88, 0x00], { objectType: 2, frequencyIndex: 6, channelConfig: 2 }],
    // Type 29, 24 kHz, mono; then 48 kHz and type 2.
    ['HE-AAC v2', [0xeb, 0x09, 0x88, 0x00], { objectType: 2, frequencyIndex: 6, channelConfig: 1 }],
    // A frequency of 48000 in full.
    ['a full frequency', [0x17, 0x80, 0x5d, 0xc0, 0x10], { frequencyIndex: 3, channelConfig: 2 }],
  ])('of %s goes into ADTS headers', (_, info, config) => {
    expect(mp4a(0x40, info)).toMatchObject({ format: { streamType: 0x0f }, aac: config });
  });

  it.each<[string, number[]]>([
    ['channels that the frames tell', [0x11, 0x80]],
    // Type 42.
    ['xHE-AAC', [0xf9, 0x46, 0x40]],
    ['an odd frequency', [0x17, 0x80, 0x5d, 0xc2, 0x10]],
    ['frames of 960 samples', [0x11, 0x94]],
    ['frames of 960 samples and SBR', [0x2b, 0x11, 0x8a, 0x00]],
    ['nothing', []],
  ])('of AAC with %s is foreign', (_, info) => {
    expect(mp4a(0x40, info)).toBeUndefined();
  });

  it('of MP3 in mp4a is that of MP3', () => {
    expect(mp4a(0x6b, [])?.format.streamType).toBe(0x03);
    expect(mp4a(0x69, [])?.format.streamType).toBe(0x03);
  });

  it('of other codecs is foreign', () => {
    expect(mp4a(0xa9, [])).toBeUndefined();
    expect(readSoundFormat({ codec: 'Opus', body: Buffer.alloc(28) })).toBeUndefined();
  });
});
