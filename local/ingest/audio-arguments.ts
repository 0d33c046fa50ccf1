import type { SourceStream } from './probe-video.ts';

/** HLS takes these as they are, however many channels they have. */
const COPIED_CODECS = ['aac', 'ac3', 'eac3'];

/** What decoders need to get going, at the most: more of a beginning that is not shown was cut off. */
const MAX_PRIMING_SECONDS = 0.2;

const BITRATE_PER_CHANNEL = 80_000;
/** More than AAC has layouts for. */
export const MAX_CHANNELS = 8;
/** That of clips. */
export const MAX_SAMPLE_RATE = 48_000;

/** Whether a player hears a stream otherwise than it is stored. */
export const isEdited = ({ isCompound, trimmedSeconds }: SourceStream): boolean =>
  isCompound || trimmedSeconds > MAX_PRIMING_SECONDS;

export const isCopied = (stream: SourceStream): boolean =>
  COPIED_CODECS.includes(stream.codec_name ?? '') && !isEdited(stream);

/** FFmpeg's options for the n-th audio stream of the output. */
export function audioArguments(stream: SourceStream, n: number): string[] {
  if (isCopied(stream)) return [`-c:a:${n}`, 'copy'];
  const channels = Math.min(stream.channels ?? 2, MAX_CHANNELS);
  return [
    ...[`-c:a:${n}`, 'aac', `-b:a:${n}`, String(channels * BITRATE_PER_CHANNEL)],
    ...[`-ac:a:${n}`, String(channels)],
    ...((stream.sample_rate ?? 0) > MAX_SAMPLE_RATE ? [`-ar:a:${n}`, String(MAX_SAMPLE_RATE)] : []),
  ];
}

/**
 * A filter graph that plays a stream by its edit list. FFmpeg does that itself where there is one stretch; of several it
 * keeps to whole packets, and would be up to 21 ms off.
 * @param input the stream, of an input that ignores edit lists
 * @param output label of what comes out
 */
export function editedAudio(stream: SourceStream, input: string, output: string): string {
  const { edits, sample_rate: rate = 48_000, channels, channel_layout } = stream;
  const layout = channel_layout ?? (channels === 1 ? 'mono' : 'stereo');
  const samples = (seconds: number) => Math.round(seconds * rate);
  const shown = edits.filter(({ fromSeconds }) => fromSeconds !== undefined);
  const parts = edits.map(({ fromSeconds, seconds }, n) => {
    const part = `[${output}part${n}]`;
    if (fromSeconds === undefined) {
      return `anullsrc=r=${rate}:cl=${layout},atrim=end_sample=${samples(seconds)}${part}`;
    }
    const from = samples(fromSeconds);
    const to = seconds > 0 ? `:end_pts=${from + samples(seconds)}` : '';
    const taken = `[${output}copy${n}]`;
    return `${taken}atrim=start_pts=${from}${to},asetpts=PTS-STARTPTS${part}`;
  });
  const copies = edits.flatMap(({ fromSeconds }, n) =>
    fromSeconds === undefined ? [] : [`[${output}copy${n}]`],
  );
  const all = edits.map((_, n) => `[${output}part${n}]`);
  return [
    `[${input}]asplit=${shown.length}${copies.join('')}`,
    ...parts,
    `${all.join('')}concat=n=${edits.length}:v=0:a=1[${output}]`,
  ].join(';');
}
