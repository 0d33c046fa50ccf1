import { describe, expect, it } from 'vitest';
import { BeginClipGeneration } from './begin-clip-generation.ts';
import { ClipGenerationStarted } from './clip-generation-started.ts';
import {
  changedOptions,
  DEFAULT_CUT_OPTIONS,
  outputOf,
  requestedOptionsOf,
  resolveCutOptions,
} from './cut-options.ts';
import { parseWith } from './define-event.ts';
import { SegmentRequested } from './segment-requested.ts';

const begin = (options: object) =>
  parseWith(BeginClipGeneration.schema, { ...BeginClipGeneration.example, ...options }, 'It');

describe('the options of a request', () => {
  it('stay absent where it does not ask for any: a clip may', () => {
    const { cut, audio, gaps } = begin({});
    expect({ cut, audio, gaps }).toEqual({});
  });

  it.each([
    ['best', 'best'],
    [720, 720],
    ['720', 720],
    ['1080p', 1080],
  ])('read the quality %j as %j', (quality, expected) => {
    expect(begin({ quality }).quality).toBe(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['cut', 'Exact', /cut: .*"exact"\|"copy"\|"reencode"/],
    ['audio', 1, /audio: .*"exact"\|"copy"/],
    ['quality', '4k', /quality: must be "best" or a height in pixels such as 720 or "720p"/],
    ['quality', {}, /quality: must be "best" or a height/],
    ['quality', '0720', /quality: must be/],
    ['quality', 1e9, /quality: must be/],
    ['gaps', '', /gaps: .*"fail"\|"skip"\|"black"/],
    ['renditions', ['480p'], /renditions\.0: .*"720p"\|"1080p"/],
    ['renditions', '720p', /renditions: /],
    ['strict', 'yes', /strict: .*boolean/],
    ['deinterlace', 'bwdif', /deinterlace: .*"frame"\|"field"\|"off"/],
    ['audioChannels', 2, /audioChannels: .*"source"\|"stereo"/],
    ['audioTrack', '', /audioTrack: /],
    ['audioTrack', 'x'.repeat(101), /audioTrack: /],
    ['audioTrack', -1, /audioTrack: /],
    ['audioTrack', 1.5, /audioTrack: /],
    ['audioTrack', null, /audioTrack: must be a language .* or a place counted from 0/],
    ['allowHevc', 1, /allowHevc: .*boolean/],
    ['hdr', 'sdr', /hdr: .*"keep"\|"tonemap"/],
  ])('refuse %s %j as a whole', (name, value, message) => {
    expect(() => begin({ [name]: value })).toThrow(message);
  });
});

describe('renditions', () => {
  it('are each asked for once, the smallest first', () => {
    expect(begin({ renditions: ['1080p', '720p', '1080p'] }).renditions).toEqual(['720p', '1080p']);
  });

  it('are those of the clip, else those of its request, else none', () => {
    const ofRequest = { renditions: ['720p' as const] };
    expect(resolveCutOptions({}, ofRequest).renditions).toEqual(['720p']);
    expect(resolveCutOptions({ renditions: ['1080p'] }, ofRequest).renditions).toEqual(['1080p']);
    expect(resolveCutOptions({ renditions: [] }, ofRequest)).toEqual(DEFAULT_CUT_OPTIONS);
    expect(resolveCutOptions({}, {})).toEqual(DEFAULT_CUT_OPTIONS);
  });

  it('do not make another clip of the same moments', () => {
    expect(changedOptions(resolveCutOptions({ renditions: ['720p'] }, {}))).toEqual([]);
  });
});

describe('the options of the output', () => {
  const asked = {
    strict: true,
    deinterlace: 'off',
    audioChannels: 'stereo',
    audioTrack: 'de',
    allowHevc: true,
    hdr: 'tonemap',
  } as const;
  const defaults = {
    strict: false,
    deinterlace: 'frame',
    audioChannels: 'source',
    allowHevc: false,
    hdr: 'keep',
  } as const;

  it('are read from a request, and only they are', () => {
    expect(requestedOptionsOf(begin(asked))).toEqual({ quality: 720, ...asked });
  });

  it('are there only where they are not the default', () => {
    expect(resolveCutOptions(defaults, {})).toEqual(DEFAULT_CUT_OPTIONS);
    expect(resolveCutOptions({}, asked)).toEqual({ ...DEFAULT_CUT_OPTIONS, ...asked });
  });

  it('are those of the clip, also where these are the defaults', () => {
    expect(resolveCutOptions(defaults, asked)).toEqual({
      ...DEFAULT_CUT_OPTIONS,
      audioTrack: 'de',
    });
    expect(resolveCutOptions({ audioTrack: 0 }, asked).audioTrack).toBe(0);
  });

  it('are all decided for the media engine', () => {
    const { strict: _, audioTrack: __, ...output } = asked;
    expect(outputOf(resolveCutOptions(asked, {}))).toEqual(output);
    const { strict: ___, ...standard } = defaults;
    expect(outputOf(DEFAULT_CUT_OPTIONS)).toEqual(standard);
  });

  it('make another clip of the same moments, but for strict', () => {
    const changed = (options: object) => changedOptions(resolveCutOptions(options, {}));
    expect(changed({ strict: true })).toEqual([]);
    const all = [
      'cut=copy',
      'audio=copy',
      'deinterlace=off',
      'audioChannels=stereo',
      'allowHevc=true',
      'hdr=tonemap',
      'audioTrack="de"',
    ];
    expect(changed({ ...asked, cut: 'copy' })).toEqual(all);
    const otherWayRound = Object.fromEntries(Object.entries(asked).reverse());
    expect(changed({ ...otherWayRound, cut: 'copy' })).toEqual(all);
    expect(changed({ audioTrack: 1 })).not.toEqual(changed({ audioTrack: '1' }));
  });
});

describe('events from before there was a choice', () => {
  it.each([SegmentRequested, ClipGenerationStarted])('%# have the defaults', (event) => {
    const { options: _, ...older } = event.example;
    expect(parseWith(event.schema, older, 'It').options).toEqual(DEFAULT_CUT_OPTIONS);
  });
});
