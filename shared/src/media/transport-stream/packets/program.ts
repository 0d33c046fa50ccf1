import { NotCopyableError, UntidyStreamError } from '../../not-copyable.ts';
import type { AudioTrackChoice } from '../../output-options.ts';
import { chosenAudio } from '../../source/choose-audio.ts';
import type { StreamFormat, VideoCodec } from '../../source/media-index.ts';
import { PACKET_BYTES, type PacketHeader } from './packets.ts';
import { assertClear, associationsIn, type ProgramMap, readProgramMap } from './program-map.ts';
import { ASSOCIATION_TABLE, PROGRAM_MAP_TABLE, sectionIn } from './tables.ts';

/** What is taken of the only program of a transport stream: its first video, and one audio stream. */
export interface Program {
  video?: { pid: number; codec: VideoCodec };
  sound?: { pid: number; format: StreamFormat };
  /** The audio is of a kind that we cannot write anew. */
  hasForeignSound: boolean;
  /** There is more than one of a kind: where the one that was taken is empty, another one may not be. */
  hasOthers: boolean;
}

/**
 * Finds the program by the tables among the packets, where they are as plain as nearly always: one program, and
 * each table in one packet.
 */
export class ProgramFinder {
  program?: Program;
  readonly #audioTrack?: AudioTrackChoice;
  #mapPid?: number;
  #number?: number;
  #isSound = false;

  constructor(audioTrack?: AudioTrackChoice) {
    this.#audioTrack = audioTrack;
  }

  /**
   * Reads the packet that begins at `at` if it begins a table.
   * @returns which: the table of programs, or the program's map
   * @throws NotCopyableError when the program holds what cannot be copied, UntidyStreamError when the tables are
   * not as plain
   */
  packet(buffer: Buffer, at: number, header: PacketHeader): 'programs' | 'map' | undefined {
    if (header.pid !== 0 && header.pid !== this.#mapPid) return undefined;
    if (header.isUnreadable || header.payloadAt === at + PACKET_BYTES) return undefined;
    const packet = buffer.subarray(at, at + PACKET_BYTES);
    if (!header.isStart) throw new UntidyStreamError('a table is longer than a packet');
    const payloadAt = header.payloadAt - at;
    if (header.pid === 0) {
      const found = sectionIn(packet, payloadAt, ASSOCIATION_TABLE);
      if (found && (found.isSound || this.#mapPid === undefined)) {
        const programs = associationsIn(found.bytes);
        if (programs.length > 1) throw new UntidyStreamError('there are several programs');
        this.#mapPid = programs[0]?.mapPid;
        this.#number = programs[0]?.program;
      }
      return 'programs';
    }
    const found = sectionIn(packet, payloadAt, PROGRAM_MAP_TABLE);
    // A damaged map must not take the place of a whole one.
    if (!found || (!found.isSound && this.#isSound)) return undefined;
    const map = readProgramMap(found.bytes);
    if (map.program !== this.#number) return undefined;
    this.#isSound = found.isSound;
    this.program = programOf(map, this.#audioTrack);
    return 'map';
  }
}

function programOf(map: ProgramMap, audioTrack?: AudioTrackChoice): Program {
  assertClear(map);
  const [first] = map.video;
  const video = map.video.find(({ codec }) => codec !== undefined);
  if (first && !video) throw new NotCopyableError('the video is not H.264');
  const hasOthers = map.video.length > 1 || map.audio.length > 1;
  const program: Program = { hasForeignSound: false, hasOthers };
  if (video) program.video = { pid: video.pid, codec: video.codec! };
  const place = audioTrack === undefined ? 0 : chosenAudio(map.audio, audioTrack);
  const audio = place === undefined ? undefined : map.audio[place];
  if (!audio) {
    if (map.audio.length === 0) return program;
    throw new UntidyStreamError('the audio track that was asked for is not there');
  }
  if (audio.kind === 'known') program.sound = { pid: audio.pid, format: audio.format };
  else if (audio.kind === 'foreign' && map.audio.length === 1) program.hasForeignSound = true;
  else throw new UntidyStreamError('the audio is of a codec that we do not carry');
  return program;
}
