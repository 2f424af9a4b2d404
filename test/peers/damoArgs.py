"""What `damo args damon` makes of arguments, without root and without DAMON.

Usage: PYTHONPATH=.../dist-packages python3 damoArgs.py CASES

Each line of CASES is a JSON list of words. For each a JSON object is printed: `status`, the `text`
damo prints, and the `values` it read, with every number as its text, so that none is rounded on the
way. damo itself wants root and looks for features by writing to sysfs: here it has all features.
"""

import argparse
import contextlib
import io
import json
import os
import sys

import damo

sys.path.insert(0, os.path.dirname(damo.__file__))

import _damon
import _damon_args
import damo_args_damon

_damon.ensure_root_permission = lambda: None
try:
    import _damo_sysinfo

    _damo_sysinfo.damon_feature_available = lambda feature: True
except ImportError:
    # Before 3.x nothing but writing asks for features.
    pass

kdamonds_for = _damon_args.kdamonds_for


def dump(value, above=()):
    """Plain lists and dictionaries; objects that lead back upwards are left out."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return repr(value)
    if any(value is one for one in above):
        return None
    above = (*above, value)
    if isinstance(value, (list, tuple)):
        return [dump(one, above) for one in value]
    fields = value if isinstance(value, dict) else vars(value)
    return {str(key): dump(one, above) for key, one in fields.items()}


def ask(words):
    read = []

    def watch(args):
        result = kdamonds_for(args)
        read.append(result[0])
        return result

    _damon_args.kdamonds_for = watch
    # damo looks here, too, for the order of options.
    sys.argv = ['damo', 'args', 'damon', *words]
    parser = argparse.ArgumentParser()
    damo_args_damon.set_argparser(parser)
    out = io.StringIO()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            damo_args_damon.main(parser.parse_args(words))
        except SystemExit as end:
            status = end.code
        except Exception as error:
            status = repr(error)
    return {'status': status, 'text': out.getvalue(), 'values': dump(read[0]) if read else None}


with open(sys.argv[1]) as cases:
    for line in cases.readlines():
        print(json.dumps(ask(json.loads(line))))
