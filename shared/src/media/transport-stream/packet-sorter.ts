import { NotCopyableError, UntidyStreamError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import type { ParameterSetList } from '../source/media-index.ts';
import { ContinuousClock } from './clock.ts';
import { PACKET_BYTES, type PacketHeader, readPacketHeader, SYNC_BYTE } from './packets/packets.ts';
import { type Program, ProgramFinder } from './packets/program.ts';
import { PictureCollector } from './picture-collector.ts';
import { SoundCollector, type Take } from './sound-collector.ts';

/** What must be known beforehand to understand a transport stream. */
export interface StreamContext {
  /** Of several audio tracks, the one to take. */
  audioTrack?: AudioTrackChoice;
  /** The parameter sets that the run of chunks begins with: later ones need not repeat them. */
  initialSets?: ParameterSetList;
}

/**
 * Goes through the packets of a transport stream once: each to the collector of its stream.
 * @throws UntidyStreamError where that needs more than a look at each packet
 */
export class PacketSorter {
  /** What the tables said when they were last repeated. */
  program?: Program;
  pictures?: PictureCollector;
  sound?: SoundCollector;
  readonly #clock = new ContinuousClock();
  readonly #finder: ProgramFinder;
  readonly #initialSets?: ParameterSetList;
  #file = 0;
  #take: Take = 'all';
  /** Streams that began before anything was said about them. */
  readonly #early = new Set<number>();
  #tableCount?: number;

  constructor({ audioTrack, initialSets }: StreamContext = {}) {
    this.#initialSets = initialSets;
    this.#finder = new ProgramFinder(audioTrack);
  }

  /** Only looks for the tables. @returns whether they are known */
  findTables(block: Buffer): boolean {
    for (let at = 0; at < block.length && !this.program; at += PACKET_BYTES) {
      this.#readTables(block, at, readPacketHeader(block, at));
    }
    return this.program !== undefined;
  }

  beginFile(file: number, take: Take): void {
    this.#file = file;
    this.#take = take;
    this.#tableCount = undefined;
    this.pictures?.beginFile(file);
    this.sound?.beginFile(file, take);
  }

  /** @param position of the block in its file; both begin and end between packets */
  packets(block: Buffer, position: number): void {
    for (let at = 0; at < block.length; at += PACKET_BYTES) this.#packet(block, at, position + at);
  }

  endFile(): void {
    this.pictures?.endUnit();
    this.sound?.endFile();
  }

  #packet(block: Buffer, at: number, position: number): void {
    if (block[at] !== SYNC_BYTE) throw new UntidyStreamError('the packets are out of step');
    const header = readPacketHeader(block, at);
    if (header.pid === this.pictures?.pid) {
      if (this.#take === 'all') this.pictures.packet(block, at, header, position);
    } else if (header.pid === this.sound?.pid) {
      this.sound.packet(block, at, header, position);
    } else {
      this.#readTables(block, at, header);
      if (header.isStart && this.#take === 'all') this.#early.add(header.pid);
    }
  }

  #readTables(block: Buffer, at: number, header: PacketHeader): void {
    const table = this.#finder.packet(block, at, header);
    if (table === 'programs') {
      // Where the tables count anew, as at the start of a chunk, so may all.
      const isNext = header.continuity === (((this.#tableCount ?? -2) + 1) & 0x0f);
      this.#tableCount = header.continuity;
      for (const continuity of [this.pictures?.continuity, this.sound?.continuity]) {
        if (isNext) continuity?.sawTables();
        else continuity?.allowJump();
      }
    } else if (table === 'map' && this.#finder.program) {
      this.#use(this.#finder.program);
    }
  }

  #use(program: Program): void {
    this.program = program;
    this.#useVideo(program.video);
    this.#useSound(program.sound);
  }

  #useVideo(video: Program['video']): void {
    const known = this.pictures;
    // A map without video stands for a stretch without frames.
    if (known && video && (video.pid !== known.pid || video.codec !== known.codec)) {
      throw new UntidyStreamError('the video moves to another stream');
    }
    if (!video || known) return;
    this.#assertNotEarly(video.pid);
    this.pictures = new PictureCollector(video.pid, video.codec, this.#clock, this.#initialSets);
    this.pictures.beginFile(this.#file);
  }

  #useSound(sound: Program['sound']): void {
    const known = this.sound;
    if (
      known &&
      sound &&
      (sound.pid !== known.pid || sound.format.streamType !== known.streamType)
    ) {
      throw new UntidyStreamError('the audio moves to another stream');
    }
    if (!sound || known) return;
    if (sound.pid === this.pictures?.pid) throw new NotCopyableError('two streams have one number');
    this.#assertNotEarly(sound.pid);
    this.sound = new SoundCollector(sound.pid, sound.format.streamType, this.#clock);
    this.sound.beginFile(this.#file, this.#take);
  }

  #assertNotEarly(pid: number): void {
    if (this.#early.has(pid))
      throw new UntidyStreamError('the tables come after what they tell of');
  }
}
