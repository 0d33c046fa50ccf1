import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jobIdOf, jobIdSchema } from './jobs.ts';

const EXECUTION = '9f2c4b7e1a5d4c3f8e6b0a1d2c3e4f5a';
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}(\.[A-Za-z0-9_-]{1,5}){0,2}$/);

it('says where a job lies, and is read back', () => {
  fc.assert(
    fc.property(id, id, (episodeId, clipId) => {
      const ids = { episodeId, clipId, executionId: EXECUTION };
      expect(jobIdSchema.parse(jobIdOf(ids))).toEqual(ids);
      expect(encodeURIComponent(jobIdOf(ids))).toBe(jobIdOf(ids));
    }),
  );
});

it.each([
  '',
  'episode~clip',
  `episode~clip~${EXECUTION}~more`,
  `../other~clip~${EXECUTION}`,
  `episode~clip#state~${EXECUTION}`,
  'episode~clip~processing',
  `episode~~${EXECUTION}`,
])('refuses %j', (text) => {
  expect(jobIdSchema.safeParse(text).success).toBe(false);
});
