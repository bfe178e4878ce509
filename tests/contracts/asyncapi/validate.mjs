// Prints what the AsyncAPI parser says of a document, as JSON: [{severity, code, message, path}].
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const { diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));
const words = ["error", "warning", "information", "hint"];
const said = diagnostics.map(({ severity, code, message, path }) => ({ severity: words[severity], code, message, path }));
process.stdout.write(JSON.stringify(said));
