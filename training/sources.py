"""The parallel text that the bundled model is made from: licence, kind and weight.

Licences are those stated in the README beside the files. A source whose licence is
in doubt is listed with ``used=False`` and the reason, so that the model card can
show what was left out as well.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sentence", "term"]


@dataclass(frozen=True, slots=True)
class Source:
    """One ``<name>.tsv.gz`` file of English<TAB>Chinese pairs.

    Attributes:
        name: File name without ``.tsv.gz``.
        kind: ``sentence`` pairs are training text; ``term`` pairs (dictionary
            entries and names) give the first values of the rows and are also
            trained on, briefly.
        licence: Licence of the text as stated by its publisher.
        origin: Public repository or project the text comes from.
        weight: How often a pair is drawn, relative to the others. News, general
            and encyclopaedic text is drawn more often than law and program
            documentation.
        joined: How many passages to make of neighbouring sentences; 0 where the
            file's order is not that of a text.
        used: Whether the pair file is read at all.
        note: Why it is not used, or what to know about it.
    """

    name: str
    kind: Kind
    licence: str
    origin: str
    weight: float = 1.0
    joined: int = 0
    used: bool = True
    note: str = ""


SOURCES: tuple[Source, ...] = (
    Source("ntrex", "sentence", "CC BY-SA 4.0", "MicrosoftTranslator/NTREX", 6.0, joined=5000),
    Source("tico19", "sentence", "CC0 1.0", "tico-19/tico-19.github.io", 6.0, joined=5000),
    Source("tatoeba", "sentence", "CC BY 2.0 FR", "tatoeba.org", 2.5),
    Source("tatoeba_test2021", "sentence", "CC BY 2.0 FR", "tatoeba.org", 2.5),
    Source(
        "gutenberg_mt",
        "sentence",
        "Unicode License v3; books public domain",
        "unicode-org/test-corpora",
        4.0,
        joined=5000,
        note="Chinese side is machine translation",
    ),
    Source("mozilla_www", "sentence", "MPL 2.0", "mozilla-l10n", 3.0, joined=2000),
    Source("bitcoin_org", "sentence", "MIT", "bitcoin-dot-org/bitcoin.org", 3.0, joined=2000),
    Source("login_gov", "sentence", "CC0 1.0 / US public domain", "18F/identity-idp", 2.0),
    Source("mgsm", "sentence", "CC BY 4.0", "google-research/url-nlp", 3.0),
    Source(
        "opensource_guide", "sentence", "CC BY 4.0", "github/opensource.guide", 4.0, joined=2000
    ),
    Source("xsid", "sentence", "CC BY-SA 4.0", "mainlp/xsid", 3.0),
    Source("hf_course", "sentence", "Apache-2.0", "huggingface/course", 2.5, joined=2000),
    Source("react_docs", "sentence", "CC BY 4.0", "reactjs/react.dev", 1.5, joined=3000),
    Source("dart_cn", "sentence", "CC BY 4.0", "cfug/dart.cn", 1.5, joined=2000),
    Source("angular_cn", "sentence", "MIT / CC BY 4.0", "angular/angular-cn", 1.0, joined=2500),
    Source(
        "pydocs",
        "sentence",
        "CC0 1.0 (translation); PSF (original)",
        "python/python-docs-zh-cn",
        0.7,
        joined=6000,
    ),
    Source(
        "twlaw",
        "sentence",
        "not under copyright (Taiwan Copyright Act, art. 9)",
        "kong0107/mojLawSplitJSON",
        0.35,
        joined=9000,
    ),
    Source("cedict", "term", "CC BY-SA 4.0", "CC-CEDICT (mdbg.net)", 1.0),
    Source(
        "cow_wordnet",
        "term",
        "Chinese Open WordNet licence (WordNet-style); CC BY 4.0",
        "omwn/omw-data, globalwordnet",
        1.0,
    ),
    Source("dbpedia_entities", "term", "CC BY-SA 3.0", "DBpedia (DBP15K)", 1.5),
    Source("tico19_terms", "term", "CC0 1.0", "tico-19/tico-19.github.io", 2.0),
    Source("person_names", "term", "CC0 1.0", "Wikidata (NETransliteration-COLING2018)", 0.5),
    Source("hk_companies", "term", "MIT", "jacktth/ga-hk_stock_info", 0.5),
    Source("natural_earth", "term", "CC0 / public domain", "Natural Earth", 0.7),
    Source("osm_features", "term", "ISC", "openstreetmap/id-tagging-schema", 1.0),
    Source("osm_brands", "term", "BSD-3-Clause", "osmlab/name-suggestion-index", 1.0),
    Source("actual_budget", "term", "MIT", "actualbudget/translations", 1.0),
    Source("cldr", "term", "Unicode License v3", "unicode-org/cldr-json", 0.7),
    Source(
        "threeam",
        "sentence",
        "MIT (repository); captions from older sets",
        "MaxyLee/3AM",
        used=False,
        note="licence of the English captions not settled",
    ),
    Source(
        "prc_law",
        "sentence",
        "no licence file",
        "zhongpengqun/notebook",
        used=False,
        note="outside copyright by reading of the law only; 440 pairs",
    ),
    Source(
        "bible_web_cuv",
        "sentence",
        "public domain (not stated in one repository)",
        "WEB / CUV 1919",
        used=False,
        note="archaic register",
    ),
)
