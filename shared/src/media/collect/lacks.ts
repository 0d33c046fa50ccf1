import { PermanentError } from '../../errors.ts';
import { formatTime } from '../../time.ts';
import type { TickSpan } from '../source/holds.ts';
import { lostFrames } from '../source/lost-frames.ts';
import { askedFrames, HOLE_TICKS, usualFrameTicks } from '../source/wanted.ts';
import type { MediaWarning } from '../warnings.ts';
import type { WantedStretch } from './open-segment.ts';
import type { OpenedStretch } from './open-stretch.ts';

// What a source lacks of what was asked for. Audio that it lacks is found where audio is made: `sound/audio-losses.ts`.

/** What lacks less than that is rounded. */
const LEAST_TICKS = 50 * 90;

/** @param media the stretches of a segment, in order */
export function lackWarnings(media: readonly WantedStretch[]): MediaWarning[] {
  const [first, last] = [media[0], media.at(-1)];
  if (!first || !last) return [];
  return [...beginsLate(first), ...media.flatMap(framesMissing), ...endsEarly(last)];
}

const msOf = (pts: number, zero: number) => Math.max(0, Math.round((pts - zero) / 90));

/** Why nothing of what was asked for can be decoded, where that is so. */
export function undecodableBegin({
  timeline,
  moments,
  zero,
}: Pick<OpenedStretch, 'timeline' | 'moments' | 'zero'>): PermanentError | undefined {
  const { from, to } = askedFrames(timeline, moments);
  const { firstKeyPts } = timeline;
  const isBefore = to > from && firstKeyPts > timeline.shown[to - 1]!;
  if (!isBefore || !Number.isFinite(firstKeyPts)) return undefined;
  const time = formatTime(msOf(firstKeyPts, zero));
  return new PermanentError(
    'SEGMENT_EMPTY',
    `Nothing before ${time} can be decoded, because ${whyNot({ timeline, zero })}: ask for a segment that reaches past that.`,
  );
}

/** Why frames cannot be decoded that precede the first key frame. */
const whyNot = ({ timeline: { shown }, zero }: Pick<OpenedStretch, 'timeline' | 'zero'>) =>
  shown[0]! - zero < HOLE_TICKS
    ? 'the recording starts in the middle of a GOP'
    : 'the key frame that it refers to is missing';

function beginsLate({ timeline, moments, wanted, zero }: WantedStretch): MediaWarning[] {
  const lackTicks = wanted.firstPts - moments.from;
  if (!Number.isFinite(lackTicks) || lackTicks < leastOf(timeline.shown)) return [];
  const time = formatTime(msOf(wanted.firstPts, zero));
  const isUndecodable =
    (timeline.shown[askedFrames(timeline, moments).from] ?? wanted.firstPts) < wanted.firstPts;
  const message = isUndecodable
    ? `Nothing before ${time} can be decoded, because ${whyNot({ timeline, zero })}: the clip begins there.`
    : `The episode has ${timeline.shown.length > 0 ? 'no frames' : 'nothing'} before ${time}: the clip begins there.`;
  return [{ code: 'SHORTER_THAN_ASKED', message, atMs: msOf(moments.from, zero) }];
}

function endsEarly({ timeline, moments, wanted, zero }: WantedStretch): MediaWarning[] {
  const lackTicks = moments.to - wanted.endPts;
  if (!Number.isFinite(lackTicks) || lackTicks < leastOf(timeline.shown)) return [];
  const atMs = msOf(wanted.endPts, zero);
  const seconds = (lackTicks / 90_000).toFixed(3);
  return [
    {
      code: 'SHORTER_THAN_ASKED',
      message: `The episode's ${timeline.shown.length > 0 ? 'frames end' : 'audio ends'} at ${formatTime(atMs)}: the clip ends there, ${seconds} s early.`,
      atMs,
    },
  ];
}

const leastOf = (shown: readonly number[]) =>
  Math.max(LEAST_TICKS, shown.length > 1 ? usualFrameTicks(shown) * 1.5 : 0);

function framesMissing({
  wanted,
  moments,
  zero,
  timeline: { shown },
}: WantedStretch): MediaWarning[] {
  const lacks = (wanted.holds ?? []).filter(({ isLack }) => isLack);
  const isTold = ({ from, to }: TickSpan) =>
    lacks.some(({ fromPts, toPts }) => fromPts < to && toPts > from);
  const lost = lostFrames(shown)
    .filter((span) => !isTold(span))
    .map(({ from, to }) => ({
      from: Math.max(from, wanted.firstPts, moments.from),
      to: Math.min(to, wanted.endPts, moments.to),
    }))
    .filter(({ from, to }) => to - from >= leastOf(shown));
  return [
    ...lacks.map(({ fromPts, toPts, framePts }) => ({
      from: fromPts,
      to: toPts,
      instead: framePts === undefined ? 'black is shown' : 'the last frame is held',
    })),
    ...lost.map((span) => ({ ...span, instead: 'the last frame is held' })),
  ].map(({ from, to, instead }) => {
    const [atMs, endMs] = [msOf(from, zero), msOf(to, zero)];
    return {
      code: 'FRAMES_MISSING',
      message: `The episode has no frames from ${formatTime(atMs)} to ${formatTime(endMs)}: ${instead}.`,
      atMs,
    };
  });
}
