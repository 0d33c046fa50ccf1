import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from './exclusive.ts';
import { runCompose } from './run-compose.ts';
import { sourceHash } from './source-hash.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const TEMPLATE = 'cloudformation-template-update-stack.json';

/** One function's code, as Lambda gets it. */
export interface PackagedArtifact {
  /** The function's key in `serverless.yml`. */
  readonly functionName: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** What `serverless package` made of one service. */
export interface PackagedService {
  /** The service's directory name, such as `trigger`. */
  readonly name: string;
  /** Its `.serverless` directory, absolute; artifacts lie here under the last part of their `Code.S3Key`. */
  readonly directory: string;
  /** The CloudFormation template, JSON. */
  readonly templatePath: string;
  readonly artifacts: readonly PackagedArtifact[];
}

export interface PackagingOptions {
  /** Package even if nothing has changed. Default: false. */
  readonly force?: boolean;
  /** Default: `dev`. */
  readonly stage?: string;
  /** The repository to package. Default: this one. */
  readonly root?: string;
}

/**
 * Packages the services of `serverless-compose.yml`, in its order, as they would be deployed. Needs
 * no network and no credentials. Does nothing when no source has changed since the last time;
 * processes that ask at the same time wait for each other.
 * @throws PackagingError `PackagingFailed` with the framework's last lines
 */
export async function packageServices({
  force = false,
  stage = 'dev',
  root = REPOSITORY,
}: PackagingOptions = {}): Promise<PackagedService[]> {
  return exclusively(join(root, 'packaging'), async () => {
    const fingerprintPath = join(root, '.serverless', 'packaged-sources');
    const fingerprint = `${stage} ${await sourceHash(root)}\n`;
    if (!force && (await readIfPresent(fingerprintPath)) === fingerprint) {
      const services = await packagedServices(root).catch(() => undefined);
      if (services) return services;
    }
    // Removed first: what is interrupted half-way must not pass for packaged.
    await rm(fingerprintPath, { force: true });
    await runCompose(root, stage);
    const services = await packagedServices(root);
    await mkdir(join(root, '.serverless'), { recursive: true });
    await writeFile(fingerprintPath, fingerprint);
    return services;
  });
}

async function packagedServices(root: string): Promise<PackagedService[]> {
  const compose = await readFile(join(root, 'serverless-compose.yml'), 'utf8');
  const paths = [...compose.matchAll(/^ +path: *(\S+)$/gm)].map(([, path]) => path as string);
  return Promise.all(paths.map((path) => packagedService(join(root, path))));
}

interface Template {
  Resources: Record<string, { Type: string; Properties: { Code: { S3Key: string } } }>;
}

async function packagedService(servicePath: string): Promise<PackagedService> {
  const directory = join(servicePath, '.serverless');
  const templatePath = join(directory, TEMPLATE);
  const { Resources } = JSON.parse(await readFile(templatePath, 'utf8')) as Template;
  const artifacts = await Promise.all(
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(async ({ Properties }) => {
        const path = join(directory, basename(Properties.Code.S3Key));
        return { functionName: basename(path, '.zip'), path, sizeBytes: (await stat(path)).size };
      }),
  );
  return { name: basename(servicePath), directory, templatePath, artifacts };
}

function readIfPresent(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
