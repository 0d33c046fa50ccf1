import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cutSamples,
  decoded,
  differenceAt,
  encoded,
  MemoryIndex,
  makeVoice,
  VOICE_SECONDS,
} from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const END_MS = VOICE_SECONDS * 1000;
/** Begin, a moment between two samples of 44.1 kHz, the middle, and the end. */
const SPANS = [
  { startMs: 0, endMs: 3_000 },
  { startMs: 1_005, endMs: 4_005 },
  { startMs: 60_005, endMs: 65_017 },
  { startMs: END_MS - 4_000, endMs: END_MS },
];

const STEREO_44 = ['-ar', '44100', '-ac', '2'];
const AAC = [...STEREO_44, '-c:a', 'aac', '-b:a', '128k'];
const MP3 = [...STEREO_44, '-c:a', 'libmp3lame'];
const VIDEO = ['-f', 'lavfi', '-i', `testsrc2=s=64x64:r=5:d=${VOICE_SECONDS}`, '-c:v', 'libx264'];

/** Parts of AAC are noise that every decoder makes up; Opus decodes to the same only in time. */
const NOISE = { aac: 0.03, opus: 1e-3 };

describe('a clip holds the samples that were asked for, and no others', () => {
  it.each<[string, readonly string[], string, { noise?: number; reading?: string }?]>([
    ['WAV', ['-c:a', 'pcm_s16le'], 'plain.wav'],
    ['WAV of 24 bits in stereo', [...STEREO_44, '-c:a', 'pcm_s24le'], 'deep.wav'],
    ['WAV of more than 4 GB by its header', ['-rf64', 'always'], 'large.wav'],
    ['FLAC', [...STEREO_44, '-c:a', 'flac'], 'voice.flac'],
    ['AAC in MP4', AAC, 'aac.m4a', { noise: NOISE.aac }],
    [
      'AAC in MP4, header first',
      [...AAC, '-movflags', '+faststart'],
      'fast.m4a',
      { noise: NOISE.aac },
    ],
    ['AAC of 48 kHz in MP4', ['-c:a', 'aac'], 'aac48.m4a', { noise: NOISE.aac }],
    ['ALAC in MP4', [...STEREO_44, '-c:a', 'alac'], 'alac.m4a'],
    ['Opus in MP4', ['-c:a', 'libopus'], 'opus.mp4', { noise: NOISE.opus }],
    ['sound beside pictures in MP4', [...VIDEO, ...AAC], 'video.mp4', { noise: NOISE.aac }],
    ['bare AAC', [...AAC, '-f', 'adts'], 'bare.aac', { noise: NOISE.aac, reading: 'indexed' }],
    ['MP3', [...MP3, '-b:a', '128k'], 'constant.mp3'],
    ['MP3 of a varying bit rate', [...MP3, '-q:a', '2'], 'varying.mp3', { reading: 'indexed' }],
    [
      'MP3 without a tag',
      [...MP3, '-write_xing', '0', '-id3v2_version', '0'],
      'bare.mp3',
      { reading: 'indexed' },
    ],
    ['MP3 of 8 kbit/s', ['-ar', '24000', '-c:a', 'libmp3lame', '-b:a', '8k'], 'low.mp3'],
    ['Opus in Ogg', ['-c:a', 'libopus'], 'voice.opus', { reading: 'whole' }],
    ['Vorbis in Matroska', [...STEREO_44, '-c:a', 'libvorbis'], 'voice.mka', { reading: 'whole' }],
    ['AIFF', ['-c:a', 'pcm_s16be'], 'voice.aiff', { reading: 'whole' }],
    [
      'fragmented MP4',
      [...AAC, '-movflags', 'frag_keyframe+empty_moov', '-frag_duration', '2000000'],
      'fragmented.mp4',
      { noise: NOISE.aac, reading: 'whole' },
    ],
  ])('of %s', async (_, options, name, { noise = 0, reading = 'ranges' } = {}) => {
    const file = await encoded(voice, options, name, folder);
    const whole = await decoded(file);
    const index = new MemoryIndex();
    for (const [n, span] of SPANS.entries()) {
      const { sound, heard } = await cutSamples(file, span, whole, folder, index);
      const length = ((span.endMs - span.startMs) * whole.sampleRate) / 1000;
      expect(Math.abs(heard.sampleCount - length)).toBeLessThan(1);
      expect(differenceAt(heard, whole, span.startMs)).toBeLessThanOrEqual(noise);
      for (const lag of [-1, 1]) {
        expect(differenceAt(heard, whole, span.startMs, lag)).toBeGreaterThan(noise + 0.01);
      }
      // An index is made once.
      expect(sound.reading).toBe(reading === 'indexed' && n > 0 ? 'ranges' : reading);
      expect(Math.abs(sound.sampleCount - VOICE_SECONDS * sound.sampleRate)).toBeLessThan(2400);
    }
  });
});
