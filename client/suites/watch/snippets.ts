import { providerNames } from '#client/runs/status/provider-names.ts';
import type { CiProvider } from './ci-providers.ts';

export interface Snippet {
  /** Of the provider. */
  name: string;
  /** Where the provider keeps the token. */
  secret: string;
  /** Where the lines go. */
  place: string;
  code: string;
}

/** Woodpecker and Drone take the same lines. */
export const snippetNames: Record<CiProvider, string> = { ...providerNames, drone: 'Woodpecker, Drone' };

/** With the version, so that lock files stay valid when Runlight is upgraded. */
export const installLine = (url: string) =>
  `npm install -D ${url}/runlight-${import.meta.env.VITE_RUNLIGHT_VERSION}.tgz`;

/** For versions of Playwright that cannot add a reporter on the command line. */
export const configLine = `reporter: [['list'], ['runlight/reporter']],`;

export const testLine = (inConfig: boolean) =>
  inConfig ? 'npx playwright test' : 'npx playwright test --add-reporter runlight/reporter';

/** The lines for a terminal. */
export const laptopLines = (url: string, token: string | null, inConfig: boolean) =>
  [`export RUNLIGHT_URL=${url}`, `export RUNLIGHT_TOKEN=${token ?? '…'}`, testLine(inConfig)].join('\n');

/** What a provider needs, for the Runlight at `url`. `inConfig`: the reporter stands in Playwright's configuration. */
export function snippetOf(provider: CiProvider, url: string, inConfig: boolean): Snippet {
  const run = testLine(inConfig);
  const name = snippetNames[provider];
  switch (provider) {
    case 'github':
      return {
        name,
        secret: 'Settings, Secrets and variables, Actions: a repository secret with the name RUNLIGHT_TOKEN.',
        place: '.github/workflows/*.yml, the step that runs the tests',
        code: lines(
          `- run: ${run}`,
          `  env:`,
          `    RUNLIGHT_URL: ${url}`,
          `    RUNLIGHT_TOKEN: \${{ secrets.RUNLIGHT_TOKEN }}`,
        ),
      };
    case 'gitlab':
      return {
        name,
        secret:
          'Settings, CI/CD, Variables: RUNLIGHT_TOKEN, masked. Every job has it, on protected branches alone if you protect it.',
        place: '.gitlab-ci.yml, the job that runs the tests',
        code: lines(`variables:`, `  RUNLIGHT_URL: ${url}`, `script:`, `  - npm ci`, `  - ${run}`),
      };
    case 'jenkins':
      return {
        name,
        secret: 'Manage Jenkins, Credentials: a secret text with the id runlight-token.',
        place: 'Jenkinsfile, the stage that runs the tests',
        code: lines(
          `environment {`,
          `  RUNLIGHT_URL = '${url}'`,
          `  RUNLIGHT_TOKEN = credentials('runlight-token')`,
          `}`,
          `steps {`,
          `  sh '${run}'`,
          `}`,
        ),
      };
    case 'circleci':
      return {
        name,
        secret: 'Project Settings, Environment Variables: RUNLIGHT_TOKEN. Every job has it.',
        place: '.circleci/config.yml, the step that runs the tests',
        code: lines(`- run:`, `    command: ${run}`, `    environment:`, `      RUNLIGHT_URL: ${url}`),
      };
    case 'azure':
      return {
        name,
        secret: 'The pipeline, Edit, Variables: RUNLIGHT_TOKEN, kept secret.',
        place: 'azure-pipelines.yml, the step that runs the tests',
        code: lines(`- script: ${run}`, `  env:`, `    RUNLIGHT_URL: ${url}`, `    RUNLIGHT_TOKEN: $(RUNLIGHT_TOKEN)`),
      };
    case 'buildkite':
      return {
        name,
        secret: 'Agents, the cluster, Secrets: RUNLIGHT_TOKEN.',
        place: '.buildkite/pipeline.yml, the step that runs the tests',
        code: lines(`- command: ${run}`, `  env:`, `    RUNLIGHT_URL: ${url}`, `  secrets:`, `    - RUNLIGHT_TOKEN`),
      };
    case 'bitbucket':
      return {
        name,
        secret: 'Repository settings, Repository variables: RUNLIGHT_TOKEN, secured. Every step has it.',
        place: 'bitbucket-pipelines.yml, the step that runs the tests',
        code: lines(`- step:`, `    script:`, `      - npm ci`, `      - export RUNLIGHT_URL=${url}`, `      - ${run}`),
      };
    case 'teamcity':
      return {
        name,
        secret: 'The build configuration, Parameters: env.RUNLIGHT_TOKEN, of the type Password.',
        place: 'settings.kts, or the same parameters and a step “Command Line” in the interface',
        code: lines(
          `params {`,
          `    param("env.RUNLIGHT_URL", "${url}")`,
          `}`,
          `steps {`,
          `    script { scriptContent = "${run}" }`,
          `}`,
        ),
      };
    case 'drone':
      return {
        name,
        secret: 'The repository, Settings, Secrets: RUNLIGHT_TOKEN.',
        place: '.woodpecker.yml or .drone.yml, the step that runs the tests',
        code: lines(
          `environment:`,
          `  RUNLIGHT_URL: ${url}`,
          `  RUNLIGHT_TOKEN:`,
          `    from_secret: RUNLIGHT_TOKEN`,
          `commands:`,
          `  - npm ci`,
          `  - ${run}`,
        ),
      };
  }
}

const lines = (...all: string[]) => all.join('\n');

/** True for an address that no other machine can reach. */
export const isOnlyHere = (hostname: string) => /^(localhost|127\.|\[::1\]$)/.test(hostname);
