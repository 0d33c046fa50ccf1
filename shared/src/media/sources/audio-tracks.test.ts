import { describe, expect, it } from 'vitest';
import { encodedAnew, type MadeClip, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  useFolder,
} from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { PICTURE_PID, SOUND_PID } from './rewrite.fixture.ts';
import {
  AUDIO,
  type ListedStream,
  language,
  MAP_PID,
  packetsIn,
  programList,
  programMap,
  tablePackets,
  VIDEO,
  withTables,
} from './streams.fixture.ts';

const folder = useFolder();
const span: Span = [4_200, 7_300];

const codes = ({ cuts }: MadeClip) =>
  cuts.flatMap(({ opened }) => opened.warnings.map(({ code }) => code));

/** The sample's pictures with its audio, and with a second track that is 100 ms late. */
async function twoTracks(container: 'ts' | 'fmp4', second: readonly string[]) {
  const late = '[0:a]asplit[a][b];[b]adelay=delays=100:all=1[late]';
  return encodedAnew(
    await shortEpisode(),
    ['-filter_complex', late, '-map', '0:v', '-map', '[a]', '-map', '[late]', '-c:v', 'copy'],
    folder.path,
    {
      container,
      sound: [
        ...['-c:a:0', 'aac', '-c:a:1', ...second],
        ...['-metadata:s:a:0', 'language=ger', '-metadata:s:a:1', 'language=eng'],
        ...['-metadata:s:a:1', 'handler_name=Commentary'],
      ],
    },
  );
}

async function offsetOf({ clipFile }: MadeClip): Promise<number> {
  const { offsetMs } = await listenTo(clipFile);
  return offsetMs(500, span[0] + 500) ?? 999;
}

describe('of two audio tracks', () => {
  it.each<[container: 'ts' | 'fmp4', second: string[]]>([
    ['ts', ['aac']],
    ['ts', ['ac3']],
    ['fmp4', ['aac']],
    ['fmp4', ['flac', '-strict', '-2']],
  ])('the one that is asked for is taken: %s, %s', async (container, second) => {
    const episode = await twoTracks(container, second);
    const choices = ['en', 'eng', 1, ...(container === 'fmp4' ? ['commentary'] : [])];
    const clips: MadeClip[] = [];
    for (const audioTrack of [undefined, 'de', 0, ...choices]) {
      clips.push(await madeClip(episode, [span], folder.path, { audioTrack }));
    }
    const offsets = await Promise.all(clips.map(offsetOf));
    const base = offsets[0]!;
    expect(Math.abs(base)).toBeLessThan(40);
    for (const offset of offsets.slice(0, 3)) expect(offset).toBeCloseTo(base, 0);
    for (const offset of offsets.slice(3)) expect(offset - base).toBeGreaterThan(90);
    expect(clips.flatMap(codes)).toEqual([]);
  });

  it.each(['ts', 'fmp4'] as const)(
    'the first stands in for one that is not there: %s',
    async (container) => {
      const episode = await twoTracks(container, ['aac']);
      const [first, other] = [
        await madeClip(episode, [span], folder.path),
        await madeClip(episode, [span], folder.path, { audioTrack: 'fr' }),
      ];
      expect(await offsetOf(other)).toBeCloseTo(await offsetOf(first), 0);
      expect(other.cuts[0]!.opened.warnings).toEqual([
        {
          code: 'TRACK_SUBSTITUTED',
          message: expect.stringMatching(/no audio track “fr”.*There are: 0 \(.*, 1 \(/),
        },
      ]);
    },
  );
});

/** The sample's audio in another codec, announced in another way. */
async function announced(
  encoder: readonly string[],
  stream: Partial<ListedStream>,
  isAlone = false,
) {
  const pictures = isAlone ? ['-vn'] : ['-c:v', 'copy'];
  const made = await encodedAnew(await shortEpisode(), pictures, folder.path, { sound: encoder });
  const pid = isAlone ? PICTURE_PID : SOUND_PID;
  const audio = { ...AUDIO, pid, ...stream };
  const map = programMap(1, isAlone ? [audio] : [VIDEO, audio]);
  return withChunks(made, folder.path, (bytes) =>
    Buffer.concat(
      withTables(
        packetsIn(bytes),
        tablePackets(0, [programList([[1, MAP_PID]])]),
        tablePackets(MAP_PID, [map]),
      ),
    ),
  );
}

const DTS = ['-c:a', 'dca', '-strict', '-2'];
const registration = (name: string) => [0x05, 4, ...Buffer.from(name)];

describe('audio in codecs that are announced in odd ways', () => {
  it.each<[string, string[], Partial<ListedStream>]>([
    ['DTS as 0x82', DTS, { streamType: 0x82 }],
    ['DTS as 0x85', DTS, { streamType: 0x85 }],
    ['DTS as 0x86', DTS, { streamType: 0x86, descriptors: language('eng') }],
    ['DTS as 0x8a', DTS, { streamType: 0x8a }],
    ['DTS, registered', DTS, { streamType: 0x06, descriptors: registration('DTS2') }],
    ['DTS of DVB', DTS, { streamType: 0x06, descriptors: [0x7b, 1, 0] }],
    ['TrueHD', ['-c:a', 'truehd', '-strict', '-2'], { streamType: 0x83 }],
    ['AC-3 as private data, and no more', ['-c:a', 'ac3'], { streamType: 0x06 }],
    ['MP2 as 0xa9', ['-c:a', 'mp2'], { streamType: 0xa9 }],
    ['AAC as 0xf0', ['-c:a', 'aac'], { streamType: 0xf0 }],
    ['AC-3 as 0x84', ['-c:a', 'ac3'], { streamType: 0x84 }],
  ])('%s is decoded', async (_, encoder, stream) => {
    for (const isAlone of [false, true]) {
      const episode = await announced(encoder, stream, isAlone);
      const clip = await madeClip(episode, [span], folder.path);
      expect(codes(clip)).toEqual([]);
      expect(Math.abs(await offsetOf(clip))).toBeLessThan(60);
      if (!isAlone) expect(clip.cuts[0]!.pictures?.method).toBe('smart');
    }
  });

  it.each<[string, Partial<ListedStream>]>([
    ['AC-4', { streamType: 0x06, descriptors: [0x7f, 2, 0x15, 0] }],
    ['AC-4', { streamType: 0x06, descriptors: registration('AC-4') }],
    ['MPEG-H 3D Audio', { streamType: 0x2d }],
    ['MPEG-H 3D Audio', { streamType: 0x2e }],
  ])('%s is said to be lost', async (name, stream) => {
    const sound = ['-c:a', 'mp2'];
    const clip = await madeClip(await announced(sound, stream), [span], folder.path);
    expect(clip.cuts[0]!.opened.warnings).toEqual([
      { code: 'AUDIO_LOST', message: expect.stringContaining(name) },
    ]);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(span, '30'));
    const alone = await announced(sound, stream, true);
    await expect(madeClip(alone, [span], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(new RegExp(`the audio is ${name}.*: provide`)),
    });
  });

  it('what nobody knows is said to be lost', async () => {
    const sound = ['-c:a', 's302m', '-strict', '-2'];
    const clip = await madeClip(await announced(sound, { streamType: 0xa9 }), [span], folder.path);
    expect(codes(clip)).toEqual(['AUDIO_LOST']);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(span, '30'));
    const alone = await announced(sound, { streamType: 0xa9 }, true);
    await expect(madeClip(alone, [span], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/neither video nor audio that can be decoded/),
    });
  });

  it('marks for advertising are none', async () => {
    const made = await shortEpisode();
    const episode = await withChunks(made, folder.path, (bytes) =>
      Buffer.concat(
        withTables(
          packetsIn(bytes),
          tablePackets(0, [programList([[1, MAP_PID]])]),
          tablePackets(MAP_PID, [programMap(1, [VIDEO, { streamType: 0x86, pid: 0x1f0 }, AUDIO])]),
        ),
      ),
    );
    const clip = await madeClip(episode, [span], folder.path);
    expect(codes(clip)).toEqual([]);
    expect(Math.abs(await offsetOf(clip))).toBeLessThan(1);
  });
});

describe('what is announced and does not come', () => {
  it('video beside audio', async () => {
    const made = await encodedAnew(await shortEpisode(), ['-vn'], folder.path);
    const episode = await withChunks(made, folder.path, (bytes) =>
      Buffer.concat(
        withTables(
          packetsIn(bytes),
          tablePackets(0, [programList([[1, MAP_PID]])]),
          tablePackets(MAP_PID, [
            programMap(1, [
              { ...VIDEO, pid: 0x130 },
              { ...AUDIO, pid: PICTURE_PID },
            ]),
          ]),
        ),
      ),
    );
    const clip = await madeClip(episode, [span], folder.path);
    expect(codes(clip)).toEqual(['FRAMES_MISSING']);
    expect(Math.abs(await offsetOf(clip))).toBeLessThan(40);
  });
});

describe('scrambled packets', () => {
  const scrambled = async (pids: readonly number[]) =>
    withChunks(await shortEpisode(), folder.path, (bytes) => {
      const packets = packetsIn(bytes);
      for (const packet of packets) {
        const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!;
        if (pids.includes(pid)) packet[3]! |= 0x80;
      }
      return Buffer.concat(packets);
    });

  it('of video are refused, and called so', async () => {
    const episode = await scrambled([PICTURE_PID, SOUND_PID]);
    await expect(madeClip(episode, [span], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringContaining('the video is scrambled (conditional access): provide'),
    });
  });

  it('of audio alone leave silence', async () => {
    const clip = await madeClip(await scrambled([SOUND_PID]), [span], folder.path);
    expect(codes(clip)).toEqual(['AUDIO_LOST']);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(span, '30'));
  });
});
