import { afterEach, expect, it, vi } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import type * as PlanCut from '../cut/plan-cut.ts';
import type * as PlanSegment from '../cut/plan-segment.ts';
import { shortEpisode, useFolder } from '../sources/judged.fixture.ts';

// A plan that forgets the last frame: what it says is carried out faithfully, and yet is not what was asked for.

const forgets = vi.hoisted(() => ({ copying: false, encoding: false }));

vi.mock('../cut/plan-cut.ts', async (importOriginal) => {
  const original = await importOriginal<typeof PlanCut>();
  return {
    ...original,
    planCut: (...[pictures, from, to]: Parameters<typeof PlanCut.planCut>) =>
      original.planCut(pictures, from, forgets.copying ? to - 1 : to),
  };
});

vi.mock('../cut/plan-segment.ts', async (importOriginal) => {
  const original = await importOriginal<typeof PlanSegment>();
  return {
    ...original,
    planEncoding: (...args: Parameters<typeof PlanSegment.planEncoding>) => {
      const plan = original.planEncoding(...args);
      if (!forgets.encoding) return plan;
      return { ...plan, parts: plan.parts.map((p) => ({ ...p, times: p.times.slice(0, -1) })) };
    },
  };
});

const folder = useFolder();
const SPAN: Span = [4_200, 7_300];

afterEach(() => {
  forgets.copying = false;
  forgets.encoding = false;
});

it('a plan that lacks a frame: encoded as a whole', async () => {
  forgets.copying = true;
  const { cuts, frameCount } = await makeClip(await shortEpisode(), [SPAN], folder.path);
  expect(cuts[0]!.pictures).toMatchObject({
    method: 'reencoded',
    reason: 'the segment holds 92 frames where the source has 93',
  });
  expect(frameCount).toBe(93);
});

it('a plan that does not: as it was planned', async () => {
  const { cuts } = await makeClip(await shortEpisode(), [SPAN], folder.path);
  expect(cuts[0]!.pictures?.method).toBe('smart');
});

it.each(['exact', 'reencode'] as const)(
  'plans that all lack a frame, cut: %s: refused',
  async (cut) => {
    forgets.copying = true;
    forgets.encoding = true;
    const made = makeClip(await shortEpisode(), [SPAN], folder.path, { cut });
    await expect(made).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message:
        'The segment came out other than its source: the segment holds 92 frames where the source has 93. Request the clip again; if that does not help, package the episode again.',
    });
  },
);
