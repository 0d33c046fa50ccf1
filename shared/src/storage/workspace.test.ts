import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ffmpeg } from '../media/ffmpeg/run.ts';
import { withWorkspace } from './workspace.ts';

describe('withWorkspace', () => {
  it('leaves nothing behind, however the work ends', async () => {
    const folders: string[] = [];
    const work = async (folder: string) => {
      folders.push(folder);
      await writeFile(`${folder}/file`, 'x');
      if (folders.length > 1) throw new Error('broken');
    };
    await withWorkspace(work);
    await expect(withWorkspace(work)).rejects.toThrow('broken');
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  });

  // The device that is always full.
  it.runIf(existsSync('/dev/full'))('says that the disk is full, whoever found out', async () => {
    const sound = ['-f', 'lavfi', '-i', 'anullsrc=d=9', '-f', 'wav', '/dev/full'];
    const found = [() => writeFile('/dev/full', 'x'), () => ffmpeg(sound)];
    for (const work of found) {
      await expect(withWorkspace<unknown>(work)).rejects.toMatchObject({ code: 'DISK_TOO_SMALL' });
    }
  });
});
