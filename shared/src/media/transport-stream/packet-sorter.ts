import { NotCopyableError } from '../not-copyable.ts';
import { ContinuousClock } from './clock.ts';
import { PACKET_BYTES, readPacketHeader, SYNC_BYTE } from './packets/packets.ts';
import { type Program, ProgramFinder } from './packets/program.ts';
import { PictureCollector } from './picture-collector.ts';
import { SoundCollector, type Take } from './sound-collector.ts';

/** Goes through the packets of a transport stream once: each to the collector of its stream. */
export class PacketSorter {
  /** What the tables said when they were last repeated. */
  program?: Program;
  pictures?: PictureCollector;
  sound?: SoundCollector;
  readonly #clock = new ContinuousClock();
  readonly #finder = new ProgramFinder();
  #file = 0;
  #take: Take = 'all';

  /** Only looks for the tables. @returns whether they are known */
  findTables(block: Buffer): boolean {
    for (let at = 0; at < block.length && !this.program; at += PACKET_BYTES) {
      this.#readTables(block, at);
    }
    return this.program !== undefined;
  }

  beginFile(file: number, take: Take): void {
    this.#file = file;
    this.#take = take;
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
    if (block[at] !== SYNC_BYTE) throw new NotCopyableError('the packets are out of step');
    const header = readPacketHeader(block, at);
    if (header.pid === this.pictures?.pid) {
      if (this.#take === 'all') this.pictures.packet(block, at, header, position);
    } else if (header.pid === this.sound?.pid) {
      this.sound.packet(block, at, header, position);
    } else {
      this.#readTables(block, at);
    }
  }

  #readTables(block: Buffer, at: number): void {
    const table = this.#finder.packet(block, at, readPacketHeader(block, at));
    if (table === 'programs') {
      this.pictures?.continuity.allowJump();
      this.sound?.continuity.allowJump();
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
    if (known && (video?.pid !== known.pid || video.codec !== known.codec)) {
      throw new NotCopyableError('the video moves to another stream between chunks');
    }
    if (!video || known) return;
    this.pictures = new PictureCollector(video.pid, video.codec, this.#clock);
    this.pictures.beginFile(this.#file);
  }

  #useSound(sound: Program['sound']): void {
    const known = this.sound;
    if (known && (sound?.pid !== known.pid || sound.format.streamType !== known.streamType)) {
      throw new NotCopyableError('the sound moves to another stream between chunks');
    }
    if (!sound || known) return;
    this.sound = new SoundCollector(sound.pid, sound.format.streamType, this.#clock);
    this.sound.beginFile(this.#file, this.#take);
  }
}
