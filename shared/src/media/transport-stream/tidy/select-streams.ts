import { UnreadableMediaError } from '../../not-copyable.ts';
import type { AudioTrackChoice } from '../../output-options.ts';
import { chosenAudio, listed, notThere } from '../../source/choose-audio.ts';
import type { Finding } from '../../warnings.ts';
import {
  type AudioStream,
  assertClear,
  type ProgramMap,
  type VideoStream,
} from '../packets/program-map.ts';
import { mayBeLostSound, soundName, soundTypeOf, TRUE_HD } from '../packets/stream-types.ts';
import type { Since, StreamCount, Survey } from './survey.ts';

/** What was seen of a stream, and of its neighbours. */
type Seen = Pick<Survey, 'lists' | 'maps' | 'streams' | 'elsewhere'>;

/** The streams that are taken from a packet on. */
export interface Selection {
  video?: VideoStream;
  audio?: AudioStream;
  /** All streams of the program: what is not taken of them is not taken for what went before, either. */
  pids: readonly number[];
}

export interface Selected {
  selections: Since<Selection>[];
  findings: Finding[];
}

/**
 * Decides which program and which of its streams are taken.
 * @throws UnreadableMediaError where that can be decided, but what there is cannot be used
 */
export function selectStreams(survey: Seen, audioTrack?: AudioTrackChoice): Selected {
  const { maps, findings } = mapsOfProgram(survey);
  for (const { told } of maps) assertClear(told);
  const said = new Map<string, Finding>(findings.map((one) => [one.message, one]));
  const selections = maps.map(({ packet, told: map }) => {
    const { video, findings: ofVideo } = videoOf(map, survey);
    const { audio, findings: ofAudio } = audioOf(map, survey, audioTrack);
    for (const finding of [...ofVideo, ...ofAudio]) said.set(finding.message, finding);
    const told: Selection = { pids: map.pids };
    if (video) told.video = video;
    if (audio) told.audio = audio;
    return { packet, told };
  });
  assertNotScrambled(selections, survey, said);
  assertOneVideo(selections, survey);
  keepOneAudio(selections, survey, said);
  assertSomething(selections, maps, said);
  return { selections, findings: [...said.values()] };
}

/** What a stream could be that is only announced so far: audio as well, where its type does not tell. */
const UNSEEN: StreamCount = {
  ...{ packets: 1, scrambled: 0 },
  beginnings: [Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0, 0, 0])],
};

/** What would be taken if all streams that are announced were used. */
export function selectAnnounced(
  { lists, maps, streams }: Survey,
  audioTrack?: AudioTrackChoice,
): Selected {
  const pids = maps.flatMap(({ told }) => told.pids);
  const elsewhere = new Map(pids.map((pid) => [pid, UNSEEN]));
  return selectStreams({ lists, maps, streams, elsewhere }, audioTrack);
}

const countOf = ({ streams }: Seen, pid: number | undefined): StreamCount =>
  (pid === undefined ? undefined : streams.get(pid)) ?? {
    packets: 0,
    scrambled: 0,
    beginnings: [],
  };

const isHere = (survey: Seen, { pid }: { pid: number }) => countOf(survey, pid).packets > 0;

/** Whether a stream is used at all: one that is silent for a chunk does not give way to another one. */
const isThere = (survey: Seen, stream: { pid: number }) =>
  isHere(survey, stream) || survey.elsewhere.has(stream.pid);

/** The maps of the program that is taken; where lists change, of the one that takes its place. */
function mapsOfProgram(survey: Seen): { maps: Since<ProgramMap>[]; findings: Finding[] } {
  const { lists, maps } = survey;
  const chosen: number[] = [];
  const findings: Finding[] = [];
  for (const { told: list } of lists) {
    const last = chosen.at(-1);
    if (last !== undefined && list.some(({ program }) => program === last)) continue;
    const program = programOf(
      list.map((one) => one.program),
      survey,
    );
    if (program === undefined) continue;
    chosen.push(program);
    const [first] = list;
    if (first && program !== first.program)
      findings.push(otherProgram(first.program, program, maps));
  }
  return { maps: maps.filter(({ told }) => chosen.includes(told.program)), findings };
}

function otherProgram(first: number, taken: number, maps: readonly Since<ProgramMap>[]): Finding {
  const isDescribed = maps.some(({ told }) => told.program === first);
  const why = isDescribed ? 'holds no video' : 'is listed, but not described';
  return {
    code: 'TRACK_SUBSTITUTED',
    message: `The first program of the transport stream (${first}) ${why}: program ${taken} was taken.`,
  };
}

/** The first with video that is there, else with any video, else with audio. */
function programOf(programs: readonly number[], survey: Seen): number | undefined {
  const has = (test: (map: ProgramMap) => boolean) =>
    programs.find((program) =>
      survey.maps.some(({ told }) => told.program === program && test(told)),
    );
  return (
    has(({ video }) => video.some((one) => isThere(survey, one))) ??
    has(({ audio }) => audio.some((one) => isThere(survey, one))) ??
    has(({ video }) => video.length > 0) ??
    has(({ audio }) => audio.length > 0)
  );
}

function videoOf(
  { video }: ProgramMap,
  survey: Seen,
): { video?: VideoStream; findings: Finding[] } {
  const readable = video.filter(({ codec }) => codec !== undefined);
  const inOrder = [...readable, ...video.filter((one) => !readable.includes(one))];
  const [first] = inOrder;
  const taken = inOrder.find((one) => isThere(survey, one)) ?? first;
  if (!first || !taken || taken === first) return { video: taken, findings: [] };
  const message = `The video stream with PID ${first.pid} is empty: that with PID ${taken.pid} was taken.`;
  return { video: taken, findings: [{ code: 'TRACK_SUBSTITUTED', message }] };
}

/** Streams whose type does not tell are what their bytes say, if they are audio at all. */
function clearUp(stream: AudioStream, survey: Seen): AudioStream | undefined {
  if (stream.kind !== 'unclear') return stream;
  const { beginnings, hasTrueHdSync, isAudioLike } = isHere(survey, stream)
    ? countOf(survey, stream.pid)
    : (survey.elsewhere.get(stream.pid) ?? countOf(survey, stream.pid));
  const told = beginnings.map(soundTypeOf).find((type) => type !== undefined);
  const streamType = told ?? (hasTrueHdSync ? TRUE_HD : undefined);
  if (streamType === undefined) {
    const isLost = isAudioLike && mayBeLostSound(stream.format.streamType);
    return isLost ? { ...stream, kind: 'lost' } : undefined;
  }
  const format = { streamType, descriptors: Buffer.alloc(0) };
  return { ...stream, kind: 'known', format, codec: soundName(streamType, []) };
}

const isUnclear = ({ audio }: ProgramMap, pid: number) =>
  audio.some((one) => one.pid === pid && one.kind === 'unclear');

function audioOf(
  map: ProgramMap,
  survey: Seen,
  audioTrack?: AudioTrackChoice,
): { audio?: AudioStream; findings: Finding[] } {
  const clear = map.audio.map((one) => clearUp(one, survey)).filter((one) => one !== undefined);
  // What stays unclear may be something else: it counts where there is no other audio.
  const sure = clear.filter(({ kind, pid }) => kind !== 'lost' || !isUnclear(map, pid));
  const all = sure.length > 0 ? sure : clear;
  const findings: Finding[] = [];
  const place = audioTrack === undefined ? undefined : chosenAudio(all, audioTrack);
  if (audioTrack !== undefined && place === undefined && all.length > 0) {
    findings.push(notThere(all, audioTrack));
  }
  const asked = place === undefined ? all[0] : all[place];
  if (!asked) return { findings };
  const usable = all.filter((one) => one.kind !== 'lost' && isThere(survey, one));
  const isLost = asked.kind === 'lost';
  // What is chosen by its number is that one and no other.
  const isChosen = place !== undefined && typeof audioTrack === 'number';
  if (!isLost && (isChosen || isThere(survey, asked))) return { audio: asked, findings };
  const isLike = place !== undefined && typeof audioTrack === 'string';
  const like = isLike ? chosenAudio(usable, audioTrack) : undefined;
  const first = isLost || place === undefined ? usable[0] : undefined;
  const other = like === undefined ? first : usable[like];
  if (!other) {
    if (isLost) findings.push(undecodable(asked));
    return { ...(isLost ? {} : { audio: asked }), findings };
  }
  const why = isLost ? `is ${asked.codec}, which cannot be decoded here` : 'is empty';
  findings.push({
    code: 'TRACK_SUBSTITUTED',
    message: `The audio track ${all.indexOf(asked)} ${why}: track ${all.indexOf(other)} was taken. There are: ${listed(all)}.`,
  });
  return { audio: other, findings };
}

const undecodable = ({ codec }: AudioStream): Finding => ({
  code: 'AUDIO_LOST',
  message: `The audio is ${codec}, which cannot be decoded here: the clip is silent. Provide a track of AAC, AC-3, E-AC-3, DTS, MP3 or Opus.`,
});

/** A few scrambled packets are damage; most of them are a stream that nobody here can open. */
function assertNotScrambled(
  selections: Since<Selection>[],
  survey: Seen,
  findings: Map<string, Finding>,
): void {
  const isScrambled = (stream?: { pid: number }) => {
    const { packets, scrambled } = countOf(survey, stream?.pid);
    return scrambled * 2 > packets;
  };
  for (const { told } of selections) {
    const isAudioAlone = !told.video && isScrambled(told.audio);
    if (isScrambled(told.video) || isAudioAlone) {
      throw new UnreadableMediaError(
        `the ${isAudioAlone ? 'audio' : 'video'} is scrambled (conditional access)`,
        'provide the episode descrambled',
      );
    }
    if (!isScrambled(told.audio)) continue;
    told.audio = undefined;
    const message =
      'The audio is scrambled (conditional access): the clip is silent. Provide the episode descrambled.';
    findings.set(message, { code: 'AUDIO_LOST', message });
  }
}

function assertOneVideo(selections: readonly Since<Selection>[], survey: Seen): void {
  const videos = selections
    .map(({ told }) => told.video)
    .filter((video) => video && isHere(survey, video));
  const [first] = videos;
  const other = videos.find((video) => video!.streamType !== first!.streamType);
  if (!first || !other) return;
  throw new UnreadableMediaError(
    `the video changes from ${nameOf(first)} to ${nameOf(other)} in the middle of a run of chunks`,
    'package the episode again with one codec, or mark the change with EXT-X-DISCONTINUITY at the border of a chunk',
  );
}

const VIDEO_NAMES: Readonly<Record<number, string>> = {
  1: 'MPEG-1',
  2: 'MPEG-2',
  16: 'MPEG-4',
  27: 'H.264',
  36: 'HEVC',
  51: 'VVC',
};

const nameOf = ({ streamType }: VideoStream) => VIDEO_NAMES[streamType] ?? 'one codec';

/** One track has one codec: what comes in another one is left out. */
function keepOneAudio(
  selections: Since<Selection>[],
  survey: Seen,
  findings: Map<string, Finding>,
): void {
  const isUsed = ({ told }: Since<Selection>) => told.audio && isHere(survey, told.audio);
  const first = selections.find(isUsed)?.told.audio;
  if (!first) return;
  for (const { told } of selections) {
    if (!told.audio || told.audio.codec === first.codec) continue;
    if (isHere(survey, told.audio)) {
      const message = `The audio changes from ${first.codec} to ${told.audio.codec} in the middle of a run of chunks: only the ${first.codec} is in the clip. Mark the change with EXT-X-DISCONTINUITY.`;
      findings.set(message, { code: 'AUDIO_LOST', message });
    }
    told.audio = undefined;
  }
}

function assertSomething(
  selections: readonly Since<Selection>[],
  maps: readonly Since<ProgramMap>[],
  findings: ReadonlyMap<string, Finding>,
): void {
  if (selections.some(({ told }) => told.video || told.audio)) return;
  const lost = maps.flatMap(({ told }) => told.audio).find(({ kind }) => kind === 'lost');
  if (lost && [...findings.values()].some(({ code }) => code === 'AUDIO_LOST')) {
    throw new UnreadableMediaError(
      `the audio is ${lost.codec}, which cannot be decoded here`,
      'provide the episode with AAC, AC-3, E-AC-3, DTS, MP3 or Opus',
    );
  }
}
