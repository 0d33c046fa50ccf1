import { describe, expect, it } from 'vitest';
import { readRecommendations } from './recommendations-uploaded.ts';

const KEY = 'ep1/recommendations/today.json';
const LIMITS = { maxClipsPerRequest: 1_000 };
const read = (file: unknown, limits = LIMITS) =>
  readRecommendations(JSON.stringify(file), KEY, 'ep1', limits);
const clip = { segments: [{ startTime: 1, endTime: 2 }] };

describe('readRecommendations', () => {
  it('takes the episode from the key and the rest from the file', () => {
    expect(
      read({ tenantId: 'acme', trackName: 'wide', episodeId: 'other', clips: [clip] }),
    ).toEqual([{ tenantId: 'acme', trackName: 'wide', episodeId: 'ep1', clips: [clip] }]);
  });

  it('does not mind a byte order mark', () => {
    const text = `\uFEFF${JSON.stringify({ tenantId: 'acme', clips: [clip] })}`;
    expect(readRecommendations(text, KEY, 'ep1', LIMITS)).toHaveLength(1);
  });

  it('takes the options for all clips into each request', () => {
    const options = { cut: 'copy', audio: 'exact', quality: '720p', gaps: 'black' };
    const clips = Array.from({ length: 3 }, () => ({ ...clip, note: 'x'.repeat(150 * 1024) }));
    const requests = read({ tenantId: 'acme', ...options, clips });
    expect(requests).toHaveLength(3);
    for (const request of requests) expect(request).toMatchObject({ ...options, quality: 720 });
  });

  it('parts a file that is too large for one event, and loses no clip', () => {
    const clips = Array.from({ length: 700 }, (_, n) => ({
      ...clip,
      clipId: `c${n}`,
      note: 'x'.repeat(900),
    }));
    const requests = read({ tenantId: 'acme', clips });
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.flatMap((request) => request.clips)).toEqual(clips);
    for (const request of requests) expect(JSON.stringify(request).length).toBeLessThan(240 * 1024);
  });

  it('parts a file with more clips than a request may hold, however small they are', () => {
    const clips = Array.from({ length: 7 }, (_, n) => n);
    const requests = read({ tenantId: 'acme', clips }, { maxClipsPerRequest: 3 });
    expect(requests.map((request) => request.clips)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  it.each([
    ['a clip', { tenantId: 'acme', clips: [clip, { ...clip, note: 'ä'.repeat(130_000) }] }],
    ['another field', { tenantId: 'acme', clips: [clip], note: 'x'.repeat(250_000) }],
  ])('refuses a file with %s that no event can hold', (_, file) => {
    expect(() => read(file)).toThrow(/too large for an event/);
  });

  it.each([
    ['no tenant', { clips: [clip] }, /tenantId/],
    ['no clips', { tenantId: 'acme', clips: [] }, /clips: must hold at least one clip/],
    ['an unsafe tenant', { tenantId: '../acme', clips: [clip] }, /tenantId/],
    ['an unknown cut', { tenantId: 'acme', cut: 'fast', clips: [clip] }, /json does not fit: cut/],
    ['a list', [clip], /does not fit/],
  ])('refuses a file with %s', (_, file, message) => {
    expect(() => read(file)).toThrow(message);
  });

  it('refuses a file that is not JSON', () => {
    expect(() => readRecommendations('{"tenantId":', KEY, 'ep1', LIMITS)).toThrow(/is not JSON/);
  });
});
