"""A text encoder by torch and transformers: the mean of the last hidden states, scaled to length 1."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel
from transformers.utils import logging


class Encoder:
    """A Hugging Face folder. One thread, 32-bit floats. Texts are cut where the positions end."""

    def __init__(self, folder):
        torch.set_num_threads(1)
        # The pooler isn't used, and not in every folder.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        # Some files cut and pad texts by themselves.
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.most = self.model.config.max_position_embeddings

    def special(self):
        """The ids before and after every text."""
        around = self.tokenizer.encode("a")
        mask = around.special_tokens_mask
        first, last = mask.index(0), len(mask) - mask[::-1].index(0)
        return around.ids[:first], around.ids[last:]

    def ids(self, text):
        """The token ids of a text between the special ones."""
        head, tail = self.special()
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        return head + ids[: self.most - len(head) - len(tail)] + tail

    @torch.no_grad()
    def vectors(self, rows):
        """One vector of length 1 for each row of token ids; all rows have the same length."""
        hidden = self.model(input_ids=torch.tensor(rows)).last_hidden_state
        return torch.nn.functional.normalize(hidden.mean(1), dim=1)
