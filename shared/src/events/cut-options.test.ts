import { describe, expect, it } from 'vitest';
import { BeginClipGeneration } from './begin-clip-generation.ts';
import { ClipGenerationStarted } from './clip-generation-started.ts';
import { changedOptions, DEFAULT_CUT_OPTIONS, resolveCutOptions } from './cut-options.ts';
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

describe('events from before there was a choice', () => {
  it.each([SegmentRequested, ClipGenerationStarted])('%# have the defaults', (event) => {
    const { options: _, ...older } = event.example;
    expect(parseWith(event.schema, older, 'It').options).toEqual(DEFAULT_CUT_OPTIONS);
  });
});
