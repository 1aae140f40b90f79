# One small shop with a usual framework and its own log. Arguments: program, port.
import sys

program, port = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
LOCAL = "127.0.0.1"


def flask_app():
    from flask import Flask, request

    app = Flask("shop")
    app.add_url_rule("/", "shop", lambda: "shop")
    app.add_url_rule("/cart", "cart", lambda: request.get_json(), methods=["POST"])
    return app


def run_flask():
    flask_app().run(host=LOCAL, port=port)


def run_gunicorn():
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", f"{LOCAL}:{port}")
            self.cfg.set("accesslog", "-")

        def load(self):
            return flask_app()

    Server().run()


def run_uvicorn():
    import uvicorn
    from fastapi import Body, FastAPI

    app = FastAPI()
    app.get("/")(lambda: "shop")
    app.post("/cart")(lambda cart=Body(): cart)
    uvicorn.run(app, host=LOCAL, port=port)


def run_django():
    from wsgiref.simple_server import make_server

    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.urls import path

    settings.configure(SECRET_KEY="0" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=[LOCAL])
    globals()["urlpatterns"] = [
        path("", lambda _: HttpResponse("shop")),
        path("cart", lambda _: HttpResponse("{}")),
    ]
    make_server(LOCAL, port, get_wsgi_application()).serve_forever()


def run_tornado():
    from tornado.ioloop import IOLoop
    from tornado.log import enable_pretty_logging
    from tornado.web import Application, RequestHandler

    class Shop(RequestHandler):
        def get(self):
            self.write("shop")

        def post(self):
            self.write(self.request.body)

    enable_pretty_logging()
    Application([("/", Shop), ("/cart", Shop)]).listen(port, LOCAL)
    IOLoop.current().start()


def run_aiohttp():
    import logging

    from aiohttp import web

    logging.basicConfig(level=logging.INFO)

    async def shop(_):
        return web.Response(text="shop")

    async def cart(request):
        return web.Response(text=await request.text())

    app = web.Application()
    app.add_routes([web.get("/", shop), web.post("/cart", cart)])
    web.run_app(app, host=LOCAL, port=port)


globals()[f"run_{program}"]()
