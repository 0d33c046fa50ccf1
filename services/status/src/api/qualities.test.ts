import { describe, expect, it } from 'vitest';
import type { RungRecord } from '#shared/clip/derivatives';
import { EXAMPLE_CLIP_END } from '#shared/events/fields';
import { madeRungOf, RenditionMade } from '#shared/events/rendition-made';
import { rungOf } from './qualities.ts';

const made = (name: 'source' | '720p', height: number, width = 1920): RungRecord => ({
  ...{ name, status: 'made' as const, ...madeRungOf(RenditionMade.example), width, height },
  s3Key: `${EXAMPLE_CLIP_END.clipId}/${name}`,
});
const error = { code: 'RENDITION_FAILED' as const, message: 'It went wrong.' };
const problemOf = (quality: string, ...renditions: RungRecord[]): unknown => {
  try {
    return rungOf({ renditions }, quality);
  } catch (problem) {
    return problem;
  }
};

describe('rungOf', () => {
  it('finds renditions, and the clip itself', () => {
    const renditions = [made('source', 1080), made('720p', 720, 1280)];
    expect(rungOf({ renditions }, '720p')).toBe(renditions[1]);
    expect(rungOf({ renditions }, 'source')).toBe(renditions[0]);
  });

  it('knows the clip by its own size, upright as well', () => {
    const upright = made('source', 1920, 1080);
    expect(rungOf({ renditions: [upright] }, '1080p')).toBe(upright);
  });

  it('prefers a rendition that is called so', () => {
    const renditions = [made('source', 720), made('720p', 720)];
    expect(rungOf({ renditions }, '720p')).toBe(renditions[1]);
  });

  it('lists what is there, and says why another is not', () => {
    const reason = { code: 'RENDITION_NOT_SMALLER' as const, message: 'It is small.' };
    const omitted: RungRecord = { name: '1080p', status: 'omitted', reason };
    expect(problemOf('1080p', made('source', 480, 854), omitted)).toMatchObject({
      ...{ status: 400, code: 'QUALITY_NOT_AVAILABLE', field: 'quality' },
      message: 'The clip is not there as "1080p", but as source, 480p. It is small.',
      members: { available: ['source', '480p'] },
    });
  });

  it.each([
    ['720p', { name: '720p', status: 'failed', error }, 409, 'RENDITION_FAILED'],
    ['720p', { name: '720p', status: 'requested' }, 425, 'RENDITION_NOT_READY'],
    ['source', undefined, 425, 'RENDITION_NOT_READY'],
    ['720p', undefined, 400, 'QUALITY_NOT_AVAILABLE'],
    ['__proto__', made('source', 1080), 400, 'QUALITY_NOT_AVAILABLE'],
  ] as const)('%s of %j is a problem: %i', (quality, rung, status, code) => {
    expect(problemOf(quality, ...(rung ? [rung as RungRecord] : []))).toMatchObject({
      status,
      code,
    });
  });
});
