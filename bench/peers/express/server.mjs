// Express 5 as a tracker's server is usually begun: express.json(), and an answer. It stores nothing.
import { createRequire } from "node:module";

const express = createRequire(`${process.env.EXPRESS_FOLDER}/`)("express");
const app = express();
app.use(express.json({ limit: "64kb" }));
app.post("/v1/batches", (request, response) => {
  response.status(202).json({ seq: request.body.seq, events: request.body.events.length });
});
app.listen(Number(process.env.PORT), "127.0.0.1");
