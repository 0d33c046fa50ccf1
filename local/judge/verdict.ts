/** One segment of the clip, in frame numbers of the episode; `got` is `undefined` if none came. */
export interface SegmentVerdict {
  readonly wantedFirst: number;
  readonly wantedLast: number;
  readonly gotFirst: number | undefined;
  readonly gotLast: number | undefined;
  /** Above 0: starts too late. */
  readonly startErrorFrames: number | undefined;
  /** Above 0: ends too late. */
  readonly endErrorFrames: number | undefined;
}

/** What the decoded pictures show. */
export interface PictureVerdict {
  readonly frameCount: number;
  readonly wantedFrameCount: number;
  /** Wanted frames that are not there. */
  readonly missing: number;
  /** Frames that are there more often than wanted. */
  readonly duplicated: number;
  /** Frames of the episode that nobody asked for. */
  readonly extra: number;
  /** Steps backwards where the wanted order goes forwards. */
  readonly outOfOrder: number;
  /** Frames whose number cannot be read. */
  readonly unreadable: number;
  readonly firstFrameMs: number | undefined;
  /** How far the distance of two neighbours is from one frame's duration, at worst. */
  readonly maxSpacingErrorMs: number;
}

/** Where one piece of the sound was found. */
export interface SoundProbe {
  /** Index of the segment it belongs to. */
  readonly segment: number;
  readonly clipTimeMs: number;
  /** Above 0: the sound comes later than its picture. `undefined`: other sound, or none. */
  readonly offsetMs: number | undefined;
}

/** What the decoded sound holds. */
export interface SoundVerdict {
  /** Every five seconds, and at both ends; none in segments under a fifth of a second. */
  readonly probes: readonly SoundProbe[];
  /** Per segment the offset furthest from 0; `undefined` where nothing was found, or not looked for. */
  readonly segmentOffsetsMs: readonly (number | undefined)[];
  /** The largest offset of all probes that were found. */
  readonly maxOffsetMs: number;
  /** Probes that were not found within ±0.4 s of where they belong. */
  readonly lostProbes: number;
  /** Holes: time stamps that leave one, or silence where the voice speaks. */
  readonly gaps: number;
  readonly longestGapMs: number;
  /**
   * Loudest 5 ms of what does not belong there within 60 ms of a join, short fades apart, against
   * the voice's mean level; `undefined` without joins, and where sound was copied.
   */
  readonly joinResidualDb: number | undefined;
  /** The loudest click at a join, against its surroundings; `undefined` without joins. */
  readonly joinClickDb: number | undefined;
}

/** What the file is like. */
export interface FileVerdict {
  readonly videoCodec: string | undefined;
  readonly audioCodec: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Stated durations minus the wanted frames' duration. */
  readonly durationErrorMs: {
    readonly container: number | undefined;
    readonly video: number | undefined;
    readonly audio: number | undefined;
  };
  /** Decoding time stamps rise in every stream, and every packet has one. */
  readonly dtsMonotonic: boolean;
  /** Packets presented before they are decoded. */
  readonly ptsBeforeDts: number;
  /** What the strictest decoder complains of; empty if nothing. */
  readonly strictDecodeError: string;
  /** `moov` lies before `mdat`: players can start before they have all. */
  readonly faststart: boolean;
}

/** What is really in a clip. */
export interface Verdict {
  readonly segments: readonly SegmentVerdict[];
  readonly picture: PictureVerdict;
  /** `undefined` if the clip has no sound. */
  readonly sound: SoundVerdict | undefined;
  readonly file: FileVerdict;
  /** The pictures are the wanted frames, each once, in order, evenly spaced. */
  readonly exact: boolean;
  /** All that is wrong, in words; empty for a flawless clip. What counts is in {@link TOLERANCES}. */
  readonly faults: readonly string[];
}

/** Deviations up to these are no faults. */
export const TOLERANCES = {
  /** Beyond the source's own. Copied sound can be one AAC frame off, encoded sound is not. */
  avOffsetMs: { exact: 1, copy: 1024 / 48 },
  spacingErrorMs: 1,
  /** Copied sound may bring a pause a frame early or late, which then looks like a hole. */
  gapMs: { exact: 10, copy: 10 + 1024 / 48 },
  /** An AAC frame may stand out at the end. */
  durationErrorMs: 45,
  /** Measured: up to 0.1 dB, of rounding to samples. */
  joinResidualDb: 2,
  /** Measured: joins with fades stay below 0 dB, copied ones below 2; without fades, half of them reach 3 to 20. */
  joinClickDb: 3,
};

/** The fields of a verdict from which its `exact` and `faults` follow. */
export type Findings = Omit<Verdict, 'exact' | 'faults'>;

/** Whether the pictures are exactly the wanted ones. */
export function isExact({ picture }: Findings): boolean {
  const { missing, duplicated, extra, outOfOrder, unreadable, maxSpacingErrorMs } = picture;
  const strays = missing + duplicated + extra + outOfOrder + unreadable;
  return strays === 0 && maxSpacingErrorMs <= TOLERANCES.spacingErrorMs;
}

/** What was wanted of the sound. */
export interface WantedSound {
  readonly hasAudio: boolean;
  readonly audio: 'exact' | 'copy';
  readonly sourceOffsetMs: number;
}

/** Names every deviation beyond {@link TOLERANCES}. */
export function faultsOf(findings: Findings, wanted: WantedSound): string[] {
  const { segments, picture, sound, file } = findings;
  return [...pictureFaults(segments, picture), ...soundFaults(sound, wanted), ...fileFaults(file)];
}

export function pictureFaults(
  segments: readonly SegmentVerdict[],
  picture: PictureVerdict,
): string[] {
  const faults = segments.flatMap(({ startErrorFrames, endErrorFrames }, n) => {
    if (startErrorFrames === undefined) return `segment ${n} is absent`;
    return [
      ...(startErrorFrames ? [`segment ${n} starts ${lateness(startErrorFrames)}`] : []),
      ...(endErrorFrames ? [`segment ${n} ends ${lateness(endErrorFrames)}`] : []),
    ];
  });
  for (const kind of ['missing', 'duplicated', 'extra', 'unreadable'] as const) {
    if (picture[kind] > 0) faults.push(`${picture[kind]} frames ${kind}`);
  }
  if (picture.outOfOrder > 0) faults.push(`${picture.outOfOrder} steps backwards`);
  if (picture.maxSpacingErrorMs > TOLERANCES.spacingErrorMs) {
    faults.push(`frame spacing is ${ms(picture.maxSpacingErrorMs)} off`);
  }
  return faults;
}

export function fileFaults(file: FileVerdict): string[] {
  const faults: string[] = [];
  if (file.strictDecodeError) faults.push(`strict decoding fails: ${file.strictDecodeError}`);
  if (!file.dtsMonotonic) faults.push('decoding time stamps do not rise');
  if (file.ptsBeforeDts > 0) {
    faults.push(`${file.ptsBeforeDts} packets are presented before decoded`);
  }
  if (!file.faststart) faults.push('moov does not come before mdat');
  for (const [what, error = 0] of Object.entries(file.durationErrorMs)) {
    if (Math.abs(error) <= TOLERANCES.durationErrorMs) continue;
    faults.push(`the ${what} duration is ${ms(error)} off`);
  }
  return faults;
}

function soundFaults(
  sound: SoundVerdict | undefined,
  { hasAudio, audio, sourceOffsetMs }: WantedSound,
): string[] {
  if (!sound) return hasAudio ? ['there is no sound'] : [];
  if (!hasAudio) return ['there is sound, though none was wanted'];
  const faults: string[] = [];
  sound.segmentOffsetsMs.forEach((offsetMs = sourceOffsetMs, n) => {
    const off = Math.abs(offsetMs - sourceOffsetMs);
    if (off <= TOLERANCES.avOffsetMs[audio]) return;
    faults.push(`sound and picture of segment ${n} are ${ms(off)} apart`);
  });
  if (sound.lostProbes > 0) faults.push(`the wrong sound at ${sound.lostProbes} places`);
  if (sound.gaps > 0) {
    faults.push(`${sound.gaps} gaps in the sound, up to ${ms(sound.longestGapMs)}`);
  }
  const { joinResidualDb = -99, joinClickDb = -99 } = sound;
  if (joinResidualDb > TOLERANCES.joinResidualDb) {
    faults.push(`a join sounds wrong by ${joinResidualDb.toFixed(1)} dB`);
  }
  if (joinClickDb > TOLERANCES.joinClickDb) {
    faults.push(`a join clicks by ${joinClickDb.toFixed(1)} dB`);
  }
  return faults;
}

/** A verdict in one line, for the message of a failing test. */
export function describeVerdict({
  picture,
  sound,
  file,
  exact,
  faults,
  segments,
}: Verdict): string {
  const edges = segments.map(
    ({ startErrorFrames: start = '?', endErrorFrames: end = '?' }) => `${start}/${end}`,
  );
  return [
    exact ? 'exact' : 'NOT exact',
    faults.length > 0 ? `faults: ${faults.join(', ')}` : 'no faults',
    `frames ${picture.frameCount} of ${picture.wantedFrameCount}`,
    `start/end errors ${edges.join(' ')}`,
    `spacing error ${ms(picture.maxSpacingErrorMs)}`,
    sound ? `sound offset ${ms(sound.maxOffsetMs)} over ${sound.probes.length} probes` : 'no sound',
    sound?.joinResidualDb === undefined
      ? ''
      : `join residual ${sound.joinResidualDb.toFixed(1)} dB`,
    sound?.joinClickDb === undefined ? '' : `join click ${sound.joinClickDb.toFixed(1)} dB`,
    `${file.videoCodec ?? 'no video'} ${file.width ?? '?'}x${file.height ?? '?'}`,
    file.audioCodec ?? '',
  ]
    .filter(Boolean)
    .join(' | ');
}

const ms = (value: number) => `${value.toFixed(1)} ms`;

function lateness(frames = 0): string {
  return `${Math.abs(frames)} frames ${frames < 0 ? 'early' : 'late'}`;
}
