import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { partsOf, type Results, replacePart } from './page.ts';
import { cutPlot } from './plot.ts';

const FOLDER = new URL('../results/', import.meta.url);
const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);
const PLOT = new URL('../../docs/benchmarks.svg', import.meta.url);

/** Puts results in the place of those of the same name, and the documentation on what is there then. */
export async function keep<Name extends keyof Results>(
  name: Name,
  results: NonNullable<Results[Name]>,
): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(name), `${JSON.stringify(results, null, 2)}\n`);
  await writePage();
}

/** Writes the generated parts of the documentation from the results that are kept. */
export async function writePage(): Promise<void> {
  const results: Results = {
    cut: await read('cut'),
    memory: await read('memory'),
    api: await read('api'),
  };
  let page = await readFile(PAGE, 'utf8');
  for (const [name, content] of partsOf(results)) page = replacePart(page, name, content);
  await writeFile(PAGE, page);
  if (results.cut) await writeFile(PLOT, cutPlot(results.cut));
}

async function read<Name extends keyof Results>(name: Name): Promise<Results[Name]> {
  try {
    return JSON.parse(await readFile(fileOf(name), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const fileOf = (name: string) => new URL(`${name}.json`, FOLDER);
