import { labelsOfContainer } from './frame-labels.ts';
import { hasHiddenPackets, type SourceStream } from './probe-video.ts';

/** HLS takes these as they are. */
const COPIED_CODECS = ['h264', 'hevc'];
const COPIED_FORMATS = /^yuvj?420p(10le)?$/;

/** A frame later than that is one that a player waits for, and shows nothing. */
const DEFAULT_FRAME_SECONDS = 1 / 25;

/** Without an edit list, no less is late: so much later the first frame may be for those that are reordered. */
const MAX_REORDERING_SECONDS = 0.2;

/** How the frames of a source are packaged. */
export interface PicturePackaging {
  /** FFmpeg's options for the input. */
  input: string[];
  /** FFmpeg's options for the output. */
  output: string[];
  isCopied: boolean;
  /** How long after the file's beginning the episode begins, which is with the first frame. */
  skippedSeconds: number;
}

/**
 * Copies what HLS takes as it is, interlaced or not, of 8 or 10 bits. What a player shows otherwise than it is stored,
 * turned, mirrored or cut by an edit list, is encoded so; MPEG-TS keeps none of it.
 * @param folder where copies may go
 */
export async function packagePicture(
  file: string,
  stream: SourceStream,
  folder: string,
): Promise<PicturePackaging> {
  const hasEdits = stream.edits.length > 0;
  const isLate =
    stream.emptySeconds >= (hasEdits ? frameSecondsOf(stream) : MAX_REORDERING_SECONDS);
  const isCut = hasEdits && (stream.isCompound || (await hasHiddenPackets(file, stream)));
  const isPlain =
    COPIED_CODECS.includes(stream.codec_name ?? '') && COPIED_FORMATS.test(stream.pix_fmt ?? '');
  const skippedSeconds = isLate ? 0 : stream.lateSeconds;
  if (isPlain && !isLate && !isCut && !isTurned(stream)) {
    const labels = await labelsOfContainer(file, stream, folder);
    return { input: [], output: copying(stream, labels), isCopied: true, skippedSeconds };
  }
  const filters = [
    ...upright(stream),
    ...(isLate ? blackFirst(stream) : []),
    ...(isRgb(stream) ? [coloursOfRgb(stream).filter] : []),
  ];
  return {
    // So late as the edit list says, not as late as the first of the streams.
    input: isLate && hasEdits ? ['-copyts'] : [],
    output: [
      ...(filters.length > 0 ? ['-vf', filters.join(',')] : []),
      ...['-pix_fmt', formatOf(stream), ...interlacing(stream)],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-fps_mode', 'passthrough'],
      // The default of whole frames would move those that come irregularly, some onto others.
      ...['-enc_time_base', '1:90000', '-force_key_frames', 'expr:gte(t,n_forced*2)'],
      ...(isRgb(stream) ? coloursOfRgb(stream).labels : []),
    ],
    isCopied: false,
    skippedSeconds,
  };
}

/**
 * A key frame that is no IDR picture (open GOP) gets no parameter sets in MPEG-TS by itself, and a chunk that begins with
 * it could not be decoded.
 */
function copying({ codec_name }: SourceStream, labels: readonly string[]): string[] {
  const codec = codec_name === 'hevc' ? 'hevc' : 'h264';
  const labelling = labels.length > 0 ? [`${codec}_metadata=${labels.join(':')}`] : [];
  const filters = [...labelling, `${codec}_mp4toannexb`, 'dump_extra=freq=keyframe'];
  return ['-c:v', 'copy', '-bsf:v', filters.join(',')];
}

/** What RGB becomes: its own primaries and transfer, else those that players take unlabelled HD for. */
function coloursOfRgb({ color_primaries: primaries, color_transfer: transfer }: SourceStream) {
  const known = (name = 'unknown') => (name === 'unknown' ? 'bt709' : name);
  const isWide = primaries === 'bt2020';
  return {
    // FFmpeg's default is BT.601, and it does not say so.
    filter: `scale=out_color_matrix=${isWide ? 'bt2020' : 'bt709'}:out_range=tv`,
    labels: [
      ...['-colorspace', isWide ? 'bt2020nc' : 'bt709', '-color_range', 'tv'],
      ...['-color_primaries', known(primaries), '-color_trc', known(transfer)],
    ],
  };
}

export const isRgb = ({ pix_fmt = '' }: SourceStream): boolean =>
  /^(x2|0)?(rgb|bgr|argb|abgr|gbr)|^(pal8|monow|monob)/.test(pix_fmt);

/** The first numbers of a display matrix that changes nothing: of 16.16 bits, three a row. */
const UPRIGHT = [0x10000, 0, 0, 0, 0x10000];

/** Whether frames are shown turned or mirrored. */
export const isTurned = ({ side_data_list = [] }: SourceStream): boolean =>
  side_data_list.some(({ displaymatrix }) => {
    // FFprobe prints rows that begin with their number.
    const numbers = displaymatrix?.replaceAll(/^\d+:/gm, '').trim().split(/\s+/).map(Number);
    return numbers && UPRIGHT.some((number, n) => numbers[n] !== number);
  });

export const isInterlaced = ({ field_order }: SourceStream): boolean =>
  !['progressive', 'unknown', undefined].includes(field_order);

/** H.264 has whole blocks of chroma; those of interlaced frames are four lines high. */
export function sizeOf(stream: SourceStream): { width: number; height: number } {
  const { width = 0, height = 0 } = stream;
  const lines = isInterlaced(stream) && !isTurned(stream) ? 4 : 2;
  return { width: width - (width % 2), height: height - (height % lines) };
}

function upright(stream: SourceStream): string[] {
  const size = sizeOf(stream);
  const isWhole = size.width === stream.width && size.height === stream.height;
  // Lines that are turned are no fields any more.
  if (isInterlaced(stream) && isTurned(stream)) {
    return ['bwdif=mode=send_frame', 'scale=trunc(iw/2)*2:trunc(ih/2)*2'];
  }
  if (isInterlaced(stream)) {
    return [
      ...(isWhole ? [] : [`crop=${size.width}:${size.height}:0:0`]),
      ...(/420p/.test(stream.pix_fmt ?? '') ? [] : ['scale=interl=1']),
    ];
  }
  return isWhole ? [] : ['scale=trunc(iw/2)*2:trunc(ih/2)*2'];
}

/** The engine decides what becomes of interlaced frames; here they stay so. */
const interlacing = (stream: SourceStream): string[] =>
  isInterlaced(stream) && !isTurned(stream) ? ['-flags', '+ilme+ildct+cgop'] : ['-flags', '+cgop'];

/** Bits of each of its components, as the name of a pixel format says. */
export function bitsOf({ pix_fmt = '' }: SourceStream): number {
  if (/^(rgb|bgr)48|^(rgba|bgra|ayuv)64|f(16|32)(le|be)$/.test(pix_fmt)) return 16;
  return Number(/(9|1[0-6])(le|be)$/.exec(pix_fmt)?.[1] ?? 8);
}

/** Of what is encoded. */
export const MAX_BITS = 10;

/** As many bits as the source has, up to 10, and its range of levels. */
function formatOf(stream: SourceStream): string {
  const { pix_fmt = '', color_range } = stream;
  if (bitsOf(stream) > 8) return 'yuv420p10le';
  return color_range === 'pc' && pix_fmt.startsWith('yuv') ? 'yuvj420p' : 'yuv420p';
}

/** Black for as long as a player shows nothing, so that times stay a player's. */
function blackFirst(stream: SourceStream): string[] {
  const { emptySeconds } = stream;
  const count = Math.round(emptySeconds / frameSecondsOf(stream));
  const seconds = emptySeconds.toFixed(6);
  // The filter knows only whole frames: the black ones share the time, and the others come when they should.
  const black = `N*${seconds}/${count}/TB`;
  const others = `st(${FIRST},if(eq(N,${count}),PTS,ld(${FIRST})))*0+${seconds}/TB+PTS-ld(${FIRST})`;
  return [
    'setpts=PTS-STARTPTS',
    `tpad=start=${count}:color=black`,
    `setpts='if(lt(N,${count}),${black},${others})'`,
  ];
}

/** Where the expression keeps the time of the first frame. */
const FIRST = 0;

function frameSecondsOf({ avg_frame_rate = '' }: SourceStream): number {
  const [count = 0, seconds = 0] = avg_frame_rate.split('/').map(Number);
  return count > 0 && seconds > 0 ? seconds / count : DEFAULT_FRAME_SECONDS;
}
