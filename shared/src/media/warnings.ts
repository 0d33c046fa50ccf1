/**
 * The ways in which a clip can be less than what was asked for. The codes are part of the interface, and with `strict`
 * each of them is an error: docs/errors.md says what to do about it.
 */
export const WARNING_CODES = [
  /** The clip ends early, begins late, or skips a stretch. */
  'SHORTER_THAN_ASKED',
  /** The source has no frames for a stretch: the last frame is held, or black stands in. */
  'FRAMES_MISSING',
  /** The source has no audio for a stretch: silence stands in. */
  'AUDIO_MISSING',
  /** There is audio, but it cannot be decoded: silence stands in. */
  'AUDIO_LOST',
  /** Packets are lost or frames are damaged: the decoder made up for it as well as it could. */
  'DAMAGE_CONCEALED',
  /** 10 bits became 8. */
  'BIT_DEPTH_REDUCED',
  /** PQ or HLG became SDR. */
  'DYNAMIC_RANGE_REDUCED',
  /** Fewer channels than the source has. */
  'CHANNELS_MIXED_DOWN',
  /** Interlaced frames became progressive ones. */
  'DEINTERLACED',
  /** The source's clock jumps, or its beginning is missing: times were worked out. */
  'CLOCK_REPAIRED',
  /** Another track or program than the first one was taken, or than the one that was asked for. */
  'TRACK_SUBSTITUTED',
  /** Encoded frames are brighter or darker than the copied ones beside them. */
  'LEVELS_CHANGED',
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** One way in which a segment is not all that was asked for. */
export interface MediaWarning {
  code: WarningCode;
  /** A sentence for people. */
  message: string;
  /** Episode time at which it begins; absent where it concerns all of the segment. */
  atMs?: number;
}

/**
 * What was noticed about a source while it was looked into, on the source's own clock. It becomes a warning only where
 * it concerns what is wanted of the source.
 */
export interface Finding {
  code: WarningCode;
  message: string;
  /** It is the audio that this is about: what is silent there has been told. */
  isAudio?: boolean;
  /** In ticks of 90 kHz, half-open; absent: it concerns all of the source. */
  fromPts?: number;
  toPts?: number;
}

const concerns = (finding: Finding, fromPts: number, toPts: number): boolean =>
  (finding.fromPts ?? Number.NEGATIVE_INFINITY) < toPts &&
  (finding.toPts ?? Number.POSITIVE_INFINITY) > fromPts;

/** What was noticed about a source, where it concerns what is wanted of it. @param zero when the episode begins */
export function findingWarnings(
  findings: readonly Finding[] = [],
  { wanted, zero }: { wanted: { firstPts: number; endPts: number }; zero: number },
): MediaWarning[] {
  return findings
    .filter((finding) => concerns(finding, wanted.firstPts, wanted.endPts))
    .map(({ code, message, fromPts }) => ({
      code,
      message,
      ...(fromPts === undefined
        ? {}
        : { atMs: Math.max(0, Math.round((Math.max(fromPts, wanted.firstPts) - zero) / 90)) }),
    }));
}

/** The same warnings, each once: of those with one code and one sentence, the earliest. */
export function distinctWarnings(warnings: readonly MediaWarning[]): MediaWarning[] {
  const kept = new Map<string, MediaWarning>();
  for (const warning of warnings) {
    const name = `${warning.code} ${warning.message}`;
    const known = kept.get(name);
    if (!known || (warning.atMs ?? -1) < (known.atMs ?? -1)) kept.set(name, warning);
  }
  return [...kept.values()];
}
