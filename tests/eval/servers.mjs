// A sample Torii with the server of this project in front of it, both on ports that are free, and a client of the official SDK that is
// connected as an assistant is. The person in front of it agrees to what they are asked.

import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../clients/program.mjs';

export const KEY = 'sample-full-access';
/** The answers are read with a key of their own, whose calls are counted apart. */
export const READING_KEY = 'sample-read-only';

/** What tests/clients/install has put into the target folder. */
export function packages(clients) {
  const from = (client) => createRequire(join(clients, client, 'package.json'));
  const { Client, StreamableHTTPClientTransport } = from('typescript-2')('@modelcontextprotocol/client');
  // comes with the libraries of `others/javascript`
  const tiktoken = from('others/javascript');
  const { Tiktoken } = tiktoken('js-tiktoken/lite');
  const encoding = new Tiktoken(tiktoken('js-tiktoken/ranks/o200k_base'));
  return { Client, StreamableHTTPClientTransport, tokens: (text) => encoding.encode(text, [], []).length };
}

/** Both programs and a client, until `end`. */
export async function connect(program, { Client, StreamableHTTPClientTransport }) {
  const listen = ['--listen', '127.0.0.1:0'];
  const data = mkdtempSync(join(tmpdir(), 'torii-mcp-eval-'));
  const torii = await start(program, ['sample', ...listen], {}, /(http:\/\/\S+?)\/v1\.0\s/);
  const settings = { TORII_API_URL: torii.address, TORII_API_KEY: KEY, TORII_MCP_AUTH_MODE: 'none', TORII_MCP_DATA_DIR: data };
  const server = await start(program, ['serve', ...listen], { HOME: data, ...settings }, /listen=(\S+)/);
  const client = new Client({ name: 'torii-mcp-eval', version: '1.0.0' }, { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' } });
  let confirmations = 0;
  client.setRequestHandler('elicitation/create', async () => {
    confirmations += 1;
    return { action: 'accept', content: {} };
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://${server.address}/mcp`)));
  return {
    torii: torii.address,
    client,
    confirmations: () => confirmations,
    /** What an assistant reads of a call. */
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args });
      return { isError: result.isError === true, texts: result.content.map((block) => block.text ?? JSON.stringify(block)) };
    },
    end: async () => {
      await client.close();
      await Promise.all([server.end(), torii.end()]);
      rmSync(data, { recursive: true, force: true });
    },
  };
}
