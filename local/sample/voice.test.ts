import { describe, expect, it } from 'vitest';
import { locateSound } from '../judge/locate.ts';
import { fillVoice, SAMPLE_RATE, VOICE_RMS, voiceStream } from './voice.ts';

const WINDOW = SAMPLE_RATE / 4;
const heard = (from: number, length = WINDOW) => fillVoice(from, new Float32Array(length));

describe('the voice', () => {
  it('is the same wherever one begins to listen', () => {
    const whole = heard(0, 10 * SAMPLE_RATE);
    for (const from of [0, 1, 8639, 8640, 100_003, 400_000]) {
      expect(heard(from)).toEqual(whole.slice(from, from + WINDOW));
    }
  });

  it('is silent before it begins', () => {
    const around = heard(-1000, 2000);
    expect(around.subarray(0, 1000).every((value) => value === 0)).toBe(true);
    expect(around.subarray(1000)).toEqual(heard(0, 1000));
  });

  it('has the stated level and does not clip', () => {
    const minute = heard(0, 60 * SAMPLE_RATE);
    const rms = Math.sqrt(minute.reduce((sum, value) => sum + value * value, 0) / minute.length);
    expect(rms / VOICE_RMS).toBeCloseTo(1, 0.5);
    expect(minute.every((value) => Math.abs(value) < 0.95)).toBe(true);
  });

  it('never pauses for 120 ms', () => {
    const blocks = 5000;
    const block = SAMPLE_RATE / 100;
    const sound = heard(0, blocks * block);
    let pause = 0;
    for (let n = 0; n < blocks; n++) {
      const piece = sound.subarray(n * block, (n + 1) * block);
      pause = piece.some((value) => Math.abs(value) > 0.1 * VOICE_RMS) ? 0 : pause + 1;
      expect(pause).toBeLessThan(12);
    }
  });

  it('tells from any quarter second, to the sample, where it is from', () => {
    for (let n = 0; n < 12; n++) {
      const from = 50_000 + n * 1_234_567;
      const strayed = ((n * 3571) % 30_000) - 15_000;
      expect(locateSound(heard(from), from - strayed)).toBe(strayed);
    }
  });

  it('tells nothing from a quarter second of another place', () => {
    for (let n = 0; n < 6; n++) {
      const from = 1_000_000 + n * 777_777;
      expect(locateSound(heard(from), from + 30 * SAMPLE_RATE)).toBeUndefined();
    }
  });

  it('streams in 16 bits what it is', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of voiceStream(100_000)) parts.push(part);
    const bytes = Buffer.concat(parts);
    const whole = heard(0, 100_000);
    expect(bytes.length).toBe(200_000);
    for (let k = 0; k < 100_000; k += 997) {
      expect(bytes.readInt16LE(2 * k)).toBe(Math.round(whole[k]! * 32767));
    }
  });
});
