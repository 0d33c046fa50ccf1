import { tagsOf } from '../codecs/colour.ts';
import { type FrameFormat, formatOfSet } from '../codecs/frame-format.ts';
import { freeId, parameterSetsOf, sequenceParameters } from '../codecs/h264/parameter-sets.ts';
import type { SequenceParameters } from '../codecs/h264/sequence-parameters.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { AccessUnit, ParameterSetList, Size } from '../source/media-index.ts';
import type { Source } from '../source/source.ts';
import { tagOptions } from './frame-filters.ts';
import { type FrameTarget, PLAIN_TARGET } from './frame-target.ts';
import type { CommonSize, Part, SegmentPlan } from './parts.ts';
import { reorderDelay } from './presentation-order.ts';

const PROFILES = new Map([
  [66, 'baseline'],
  [77, 'main'],
  [100, 'high'],
]);

/** What every encoder of the pipeline shares: fast, and better than the eye can tell. */
export const ENCODER = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18'] as const;

/**
 * For the few frames at the ends of what is copied: a fifth less work than with `veryfast`, and at the same
 * quality (SSIM 0.990 against 0.989 on noisy 1080p), for more bits, which of so few frames nobody notices.
 */
const ENCODER_OF_ENDS = ['-c:v', 'libx264', '-preset', 'superfast', '-crf', '18'] as const;

/** Every frame at its own time: nothing doubled or dropped to reach a constant rate. */
export const OWN_TIMES = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'] as const;

/**
 * For segments that are encoded as a whole. Their parameter sets have ids that sources hardly use: they may
 * stand beside copied pictures in one clip. HEVC does not stand beside copied pictures: all of it has the same sets.
 * @param place of the part among those that are encoded: black pictures, say, have other parameters than those
 *   beside them, and so another id
 * @param frameTicks how long a frame is shown as a rule
 */
export const ownEncoder = (place: number, target: FrameTarget, frameTicks: number): string[] =>
  target.codec === 'hevc'
    ? hevcEncoder(target, frameTicks)
    : [
        ...[...ENCODER, '-bf', '0', ...tagOptions(target.colour), ...interlacing(target)],
        '-x264-params',
        [`sps-id=${HIGHEST_ID - (place % IDS_OF_OUR_OWN)}`, 'aud=1', ...fieldOrder(target)].join(
          ':',
        ),
      ];

/** For clips that are encoded as a whole. */
export const clipEncoder = (target: FrameTarget, frameTicks: number): string[] =>
  target.codec === 'hevc'
    ? [...hevcEncoder(target, frameTicks), '-tag:v', 'hvc1']
    : [
        ...[...ENCODER, ...tagOptions(target.colour), ...interlacing(target)],
        ...(target.firstField ? ['-x264-params', fieldOrder(target).join(':')] : []),
      ];

/** As good as what {@link ENCODER} makes: x265 counts in other steps. */
function hevcEncoder({ colour, mastering = {} }: FrameTarget, frameTicks: number): string[] {
  const { display, light } = mastering;
  const place = (n: number) => display!.places[n]!.join(',');
  const parameters = [
    ...['log-level=error', 'repeat-headers=1', 'aud=1', 'open-gop=0', 'bframes=0'],
    // The level goes by it, and nothing else: each frame has its own time.
    `fps=90000/${Math.max(1, Math.round(frameTicks))}`,
    'vui-timing-info=0',
    ...(display
      ? [
          `master-display=G(${place(0)})B(${place(1)})R(${place(2)})WP(${place(3)})L(${display.most},${display.least})`,
        ]
      : []),
    ...(light ? [`max-cll=${light.pixel},${light.frame}`] : []),
  ];
  return [
    ...['-c:v', 'libx265', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p10le'],
    ...[...tagOptions(colour), '-x265-params', parameters.join(':')],
  ];
}

const interlacing = ({ firstField }: FrameTarget): string[] =>
  firstField ? ['-flags', '+ildct+ilme'] : [];

/** FFmpeg tells x264 the order of fields, but not what to write of it. */
const fieldOrder = ({ firstField }: FrameTarget): string[] =>
  firstField ? [firstField === 'top' ? 'tff=1' : 'bff=1'] : [];

const HIGHEST_ID = 31;
const IDS_OF_OUR_OWN = 16;

/**
 * The encoder for H.264 pictures that live beside copied ones, and their size.
 * @param isInterlacedKept whether copied frames may be interlaced
 * @throws NotCopyableError when the parts do not fit together, or we have no encoder that fits them
 */
export function encoderBeside(
  parts: readonly Part[],
  isInterlacedKept = false,
): Pick<SegmentPlan, 'encoderOf' | 'target' | 'size'> {
  const sets = parameterSetsOf(parts.flatMap(setsOf));
  const [spsBytes, ...others] = sets.sps.values();
  if (!spsBytes || others.length > 0) {
    throw new NotCopyableError('the segment has not exactly one sequence parameter set');
  }
  const parameters = sequenceParameters(spsBytes);
  const isCopied = parts.every(({ kind }) => kind === 'copied');
  if (!(isInterlacedKept && isCopied)) assertProgressive(parameters);
  if (parts.flatMap(formatsOf).some(({ isWoven }) => isWoven)) {
    throw new NotCopyableError('the video is interlaced, and does not say so');
  }
  assertEncodable(parameters);
  for (const part of parts) assertSetsAtStart(part, sets.pps.size);
  const { width, height } = parameters;
  const encoder = encodeLike(parameters, reorderOf(parameters, parts), freeId(sets));
  const target = { ...PLAIN_TARGET, colour: tagsOf(parameters.colour) };
  return { encoderOf: () => encoder, target, size: { width, height } };
}

/**
 * What all pictures are brought to: the size of the first ones. Pictures of one part and one size stay as
 * they are.
 */
export function commonSize(parts: readonly Part[]): CommonSize | undefined {
  const sizes = parts.flatMap(sizesOf);
  const [first] = sizes;
  const isOne = sizes.every(
    ({ width, height }) => width === first?.width && height === first.height,
  );
  if (!first || (parts.length === 1 && isOne)) return undefined;
  return { ...first, isMixed: !isOne };
}

/** The sizes of a part's pictures as the clip shows them: upright, and even. */
export function sizesOf(part: Part): Size[] {
  const source = part.kind === 'copied' ? part : part.from;
  if ('input' in source || 'frameTicks' in source) {
    return source.size ? [evenSize(source.size)] : [];
  }
  if (!('track' in source)) return [];
  const { codec, rotationDegrees } = source.track;
  return setsOf(part)
    .flatMap(({ sps }) => sps.map((set) => formatOfSet(codec, set)))
    .map(({ width, height }) =>
      evenSize(rotationDegrees % 180 === 0 ? { width, height } : { width: height, height: width }),
    );
}

/** How a part's pictures are decoded, each way once; nothing of black ones. */
export function formatsOf(part: Part): FrameFormat[] {
  const source = part.kind === 'copied' ? part : part.from;
  if ('input' in source) return source.format ? [source.format] : [];
  if (!('track' in source)) return [];
  const { codec } = source.track;
  const sets = new Map(
    setsOf(part).flatMap(({ sps }) => sps.map((set) => [set.toString('base64'), set])),
  );
  const formats = [...sets.values()].map((set) => formatOfSet(codec, set));
  return codec === 'h264' ? formats.map((format) => ({ ...format, ...fieldsOf(source) })) : formats;
}

/** Parameter sets tell only that there may be fields. */
function fieldsOf({ units }: { units: readonly AccessUnit[] }) {
  // The fields of film are shown at different times, too, but are of one moment.
  const isFilm = units.some(({ isTelecined }) => isTelecined);
  const interlaced = units.filter(({ firstField, isWoven }) => firstField && !(isWoven && isFilm));
  const [first] = interlaced;
  if (!first?.firstField) return { isInterlaced: false };
  const isWoven = interlaced.some((unit) => unit.isWoven);
  return { isInterlaced: true, firstField: first.firstField, isWoven };
}

/** Whether frames made of fields can be encoded as such: x264 asks for whole macroblocks in each field's chroma. */
export const canStayInterlaced = (parts: readonly Part[]): boolean =>
  !commonSize(parts)?.isMixed &&
  parts.every(
    (part) =>
      sizesOf(part).every(({ height }) => height % 4 === 0) &&
      !('from' in part && 'track' in part.from && part.from.track.rotationDegrees !== 0),
  );

const evenSize = ({ width, height }: Size): Size => ({ width: width & ~1, height: height & ~1 });

/** How the pictures of a whole source are decoded, each way once. */
export function formatsOfSource({ pictures }: Pick<Source, 'pictures'>): FrameFormat[] {
  if (!pictures) return [];
  if ('input' in pictures) return pictures.format ? [pictures.format] : [];
  const { track } = pictures;
  return formatsOf({ kind: 'copied', track, units: track.units, times: [] });
}

/** The parameter sets that a part uses. */
export function setsOf(part: Part): ParameterSetList[] {
  const source = part.kind === 'copied' ? part : part.from;
  if (!('track' in source)) return [];
  const { track, units } = source;
  const isComplete = (units[0]?.sps.length ?? 0) > 0;
  return !isComplete && track.initialSets ? [track.initialSets, ...units] : [...units];
}

function assertSetsAtStart(part: Part, pictureSets: number): void {
  if (part.kind !== 'copied' || part.track.initialSets) return;
  const first = part.units[0]!;
  if (first.sps.length < 1 || first.pps.length < pictureSets) {
    throw new NotCopyableError('the first IDR picture lacks its parameter sets');
  }
}

function assertProgressive({ isProgressive }: SequenceParameters): void {
  if (!isProgressive) throw new NotCopyableError('the video is interlaced');
}

/** @throws NotCopyableError when we have no encoder whose pictures fit beside such ones */
function assertEncodable(source: SequenceParameters): void {
  if (source.chromaFormat !== 1 || source.bitDepth !== 8 || !PROFILES.has(source.profile)) {
    throw new NotCopyableError('the video is not H.264 of 8 bits and 4:2:0');
  }
}

function reorderOf(parameters: SequenceParameters, parts: readonly Part[]): number {
  if (parameters.reorderFrames !== undefined) return parameters.reorderFrames;
  const delays = parts.map((part) => {
    const source = part.kind === 'copied' ? part : part.from;
    return 'units' in source ? reorderDelay(source.units.map(({ pts }) => pts)) : 0;
  });
  return Math.max(...delays);
}

/**
 * Encoder options for pictures that live beside copied ones: same profile, level, colour and depth of
 * reordering, as some decoders are set up only once. The parameter sets have an id of their own, so that
 * both kinds can stand in the header of a file. The pixel format is the decoder's: 8 bits and 4:2:0.
 * @param reorderFrames how deep the source reorders
 * @param setId id of the sequence and the picture parameter set
 */
function encodeLike(source: SequenceParameters, reorderFrames: number, setId: number): string[] {
  const profile = PROFILES.get(source.profile)!;
  // x264 reorders by none, one or, with B-frames as references, two.
  const depth = profile === 'baseline' ? 0 : Math.min(reorderFrames, 2);
  const parameters = [
    ...['keyint=infinite', 'scenecut=0', 'open-gop=0', 'repeat-headers=1', 'aud=1'],
    `sps-id=${setId}`,
    `bframes=${depth === 2 ? 3 : depth}`,
    `b-pyramid=${depth === 2 ? 'normal' : 'none'}`,
    `ref=${Math.min(Math.max(source.maxReferenceFrames, 1), 4)}`,
  ];
  return [
    ...ENCODER_OF_ENDS,
    ...['-profile:v', profile, '-level:v', (source.level / 10).toFixed(1)],
    ...['-x264-params', parameters.join(':')],
    ...tagOptions(tagsOf(source.colour)),
  ];
}
