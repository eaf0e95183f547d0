import { expect, test } from 'vitest';
import { providerText, pullRequestText } from './origin-text.ts';

test.each([
  ['https://github.com/acme/shop/pull/1204', '#1204'],
  ['https://gitlab.example/acme/shop/-/merge_requests/7/', '#7'],
  ['https://dev.azure.com/acme/shop/_git/shop/pullrequest/31?_a=files', '#31'],
  ['#12', '#12'],
  ['https://example.com/no-number', 'https://example.com/no-number'],
])('the pull request %s reads %s', (address, text) => expect(pullRequestText(address)).toBe(text));

test.each([
  ['github', 'GitHub Actions'],
  ['a-new-one', 'a-new-one'],
  ['constructor', 'constructor'],
  [null, 'Build'],
])('the provider %s reads %s', (provider, text) => expect(providerText(provider)).toBe(text));
