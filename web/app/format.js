/** clang-format, fetched when it is first asked for. */
import load, { format as clangFormat } from '@wasm-fmt/clang-format/web';

const STYLE = '{ BasedOnStyle: LLVM, ColumnLimit: 100, AllowShortIfStatementsOnASingleLine: WithoutElse, SortIncludes: Never }';

/** @param {string} name @param {string} text @returns {Promise<string>} */
export async function format(name, text) {
  await load(new URL('clang-format.wasm', import.meta.url));
  return clangFormat(text, name, STYLE);
}
