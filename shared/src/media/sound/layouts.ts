// Channel layouts, by the names that FFmpeg has for them.

/** Those that AAC has a `channel_configuration` for. Of what we write, the number of channels tells the layout. */
const STANDARD = ['mono', 'stereo', '3.0', '4.0', '5.0', '5.1', '7.1'] as const;

/** A layout that players of AAC know. */
export type Layout = (typeof STANDARD)[number];

/** The channels of layouts, in their order. */
const CHANNELS: Readonly<Record<string, string>> = {
  mono: 'FC',
  stereo: 'FL FR',
  '2.1': 'FL FR LFE',
  '3.0': 'FL FR FC',
  '3.0(back)': 'FL FR BC',
  '3.1': 'FL FR FC LFE',
  '4.0': 'FL FR FC BC',
  quad: 'FL FR BL BR',
  'quad(side)': 'FL FR SL SR',
  '4.1': 'FL FR FC LFE BC',
  '5.0': 'FL FR FC BL BR',
  '5.0(side)': 'FL FR FC SL SR',
  '5.1': 'FL FR FC LFE BL BR',
  '5.1(side)': 'FL FR FC LFE SL SR',
  '6.0': 'FL FR FC BC SL SR',
  '6.1': 'FL FR FC LFE BC SL SR',
  '6.1(back)': 'FL FR FC LFE BL BR BC',
  '7.0': 'FL FR FC BL BR SL SR',
  '7.1': 'FL FR FC LFE BL BR SL SR',
};
const channelsIn = (layout: string) => CHANNELS[layout]?.split(' ') ?? [];

/** Where a channel is heard that a layout does not have. Half the power each is as loud as one. */
const STAND_INS: Readonly<Record<string, readonly (readonly [channel: string, gain: number])[]>> = {
  SL: [['BL', 1]],
  SR: [['BR', 1]],
  BC: [
    ['BL', Math.SQRT1_2],
    ['BR', Math.SQRT1_2],
  ],
  // One channel is played on both sides, each as loud as it is: FFmpeg by itself would lower it by 3 dB.
  FC: [
    ['FL', 1],
    ['FR', 1],
  ],
};

/** In kbit/s. */
const AAC_KBITS: Readonly<Record<Layout, number>> = {
  ...{ mono: 96, stereo: 160, '3.0': 240, '4.0': 320, '5.0': 384, '5.1': 400, '7.1': 560 },
};

export const channelCount = (layout: Layout): number => channelsIn(layout).length;
export const aacKbits = (layout: Layout): number => AAC_KBITS[layout];

/** @returns the smallest standard layout with so many channels at least, up to 7.1 */
export const layoutOf = (channels: number): Layout =>
  STANDARD.find((layout) => channelCount(layout) >= channels) ?? '7.1';

/**
 * The smallest standard layout that has a place for every channel of another one.
 * @param source FFmpeg's name, or `n channels` where there is none
 * @returns nothing where only mixing brings it into one
 */
export function holdingLayout(source: string): Layout | undefined {
  const channels = channelsIn(source);
  if (channels.length > 0) return STANDARD.find((layout) => mapping(channels, layout));
  const count = Number.parseInt(source, 10);
  return /^\d+ channels/.test(source) && count <= 8 ? layoutOf(count) : undefined;
}

/** The layout with most channels: what has fewer finds its own in it. */
export const widest = (layouts: readonly Layout[]): Layout =>
  layouts.reduce<Layout>(
    (most, one) => (channelCount(one) > channelCount(most) ? one : most),
    layouts[0] ?? 'stereo',
  );

/**
 * The filter that brings sound into a layout: each channel where it was, as loud as it was. Where there are too many,
 * they are mixed as FFmpeg mixes.
 * @param source as far as it is known
 */
export function intoLayout(source: string | undefined, layout: Layout): string {
  const places = source && source !== layout && mapping(channelsIn(source), layout);
  const pan = places
    ? `aformat=channel_layouts=${source},pan=${[layout, ...places].join('|')},`
    : '';
  return `${pan}aformat=sample_fmts=s16:channel_layouts=${layout}`;
}

/** What goes into each channel of a layout; nothing where one of the given channels finds no place of its own. */
function mapping(channels: readonly string[], layout: Layout): string[] | undefined {
  const there = channelsIn(layout);
  const into = new Map<string, string>();
  for (const channel of channels) {
    const stands = there.includes(channel) ? ([[channel, 1]] as const) : STAND_INS[channel];
    for (const [place, gain] of stands ?? [['', 0]]) {
      if (!there.includes(place) || into.has(place)) return undefined;
      into.set(place, gain === 1 ? channel : `${gain.toFixed(4)}*${channel}`);
    }
  }
  if (into.size === 0) return undefined;
  return [...into].map(([place, term]) => `${place}=${term}`);
}
